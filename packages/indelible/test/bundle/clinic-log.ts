import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Entry } from '../../src/event/entry.js';
import { canonicalize } from '../../src/integrity/canonical.js';
import { sha256 } from '../../src/integrity/hash.js';
import { SigningKey } from '../../src/integrity/note-key.js';
import { formatRanges } from '../../src/integrity/ranges.js';
import { createSqliteStore } from '../../src/sqlite.js';
import type { EventQuery } from '../../src/stores/query.js';
import { signRemoval } from '../../src/integrity/removal-note.js';
import type { Store } from '../../src/stores/store.js';
import { someEntries, someEntry } from '../entries.js';
import { sealPending } from '../sealed-store.js';

/** A sealed log of two tenants, and a folder for what is made of it. */
export interface ClinicLog {
  readonly store: Store;
  readonly key: SigningKey;
  /** By their leaves. */
  readonly entries: readonly Entry[];
  /** A path in a folder of its own, where nothing is. */
  newPath(name?: string): string;
  /** Removes events by decision, as retention and erasure do; gives the id of the event that vouches for it. */
  remove(kind: 'purge' | 'erase', indexes: readonly number[]): Promise<string>;
  /** The same, up to where the event is sealed that vouches for it; what it gives does the rest. */
  vouch(kind: 'purge' | 'erase', indexes: readonly number[]): Promise<() => Promise<string>>;
  close(): Promise<void>;
}

export const ORDER = { column: 'timestamp', descending: false } as const;
export const EVERYTHING: EventQuery = { tenantId: null, where: {}, order: ORDER, limit: 1 };

/** Of every three events, the first belongs to acme, the others to nobody. */
export async function openClinicLog(count: number): Promise<ClinicLog> {
  const folder = mkdtempSync(join(tmpdir(), 'indelible-bundles-'));
  const store = createSqliteStore({ path: join(folder, 'audit.db') });
  await store.migrate();
  const key = SigningKey.create('clinic.example/audit');
  const entries = someEntries(count, (n) => ({
    core: {
      action: n % 2 === 0 ? 'READ' : 'UPDATE',
      subject_id: `p${n % 5}`,
      ...(n % 3 === 0 && { tenant_id: 'acme' }),
    },
    payload: { reason: `visit ${n}: "quoted" — ünïcödé \u2028 line`, actor: { name: `Dr ${n}` } },
  }));
  await store.append(entries);
  await sealPending(store, key);
  const indexed = (
    await Promise.all((await store.leaves(0, count)).map(async ({ entry }) => entry ?? []))
  ).flat();
  let paths = 0;
  const vouch: ClinicLog['vouch'] = async (kind, indexes) => {
    const manifest = canonicalize({
      v: 1,
      kind,
      ranges: formatRanges(indexes),
      count: indexes.length,
      rules: [],
    });
    const digest = `sha256:${Buffer.from(sha256(manifest)).toString('base64url')}`;
    const action = kind === 'purge' ? 'RETENTION_PURGE' : 'SUBJECT_ERASED';
    const vouching = someEntry({
      core: { action, source: 'system' },
      payload: { metadata: { manifest: digest } },
    });
    const { id } = vouching.core;
    await store.append([vouching]);
    await sealPending(store, key);
    return async () => {
      const leaves = await Promise.all(indexes.map((index) => store.leaves(index, 1)));
      const removal = { eventId: id, kind, manifest };
      const { retention } = store;
      await retention.decide({ ...removal, note: signRemoval(removal, [key]) });
      await retention.remove(
        id,
        leaves.flat().map((leaf) => leaf.id),
        await retention.holdChanges(),
      );
      await retention.finish(id);
      return id;
    };
  };
  return {
    store,
    key,
    entries: indexed,
    newPath(name = 'bundle') {
      paths += 1;
      return join(folder, `${paths}-${name}`);
    },
    async remove(kind, indexes) {
      return (await vouch(kind, indexes))();
    },
    vouch,
    async close() {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}
