import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import Database from 'better-sqlite3';
import { afterAll, afterEach, describe, expect, it } from 'vitest';

import { openSqliteAudit, type SqliteAudit } from '../../../test/sqlite-audit.js';
import { removeTemporaryFolders, temporaryFolder } from '../../../test/test-trail.js';
import type { EmptyCatalogue } from '../../event/actions.js';
import { type AuditError, createAudit } from '../../index.js';
import { canonicalize } from '../../integrity/canonical.js';
import { openCheckpoint, type OpenedCheckpoint } from '../../integrity/checkpoint.js';
import { SigningKey, VerifierKey } from '../../integrity/note-key.js';
import { createMemoryStore } from '../../memory.js';
import type { Store } from '../../stores/store.js';
import { SqliteStore } from '../../stores/sqlite/sqlite-store.js';
import { createFaultyStore } from '../../testing/faulty-store.js';
import { NaiveTree } from '../../testing/seal-log/naive-tree.js';
import type { AuditOptions } from '../options.js';

function naiveRoot(leaves: readonly Uint8Array[]): Buffer {
  return Buffer.from(new NaiveTree(leaves).root());
}

const KEY = SigningKey.create('example.com/audit');
const NEXT = SigningKey.create('example.com/audit');
const READ = { action: 'READ', target: { type: 'Patient', id: '42' } } as const;

const open: SqliteAudit[] = [];

afterEach(async () => {
  for (const trail of open.splice(0)) await trail.close();
});
afterAll(removeTemporaryFolders);

interface Opened extends SqliteAudit {
  readonly lines: string[];
}

function openAudit(options: Partial<AuditOptions<EmptyCatalogue>>, file?: string): Opened {
  const lines: string[] = [];
  const trail = openSqliteAudit({ log: (line) => lines.push(line), ...options }, file);
  open.push(trail);
  return { ...trail, lines };
}

function keyFile(text: string, mode = 0o600): string {
  const file = path.join(temporaryFolder(), 'indelible.key');
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

/** The hashes of the leaves in the file, in their order. */
function packedLeaves({ raw }: SqliteAudit): Buffer[] {
  const hashes = Buffer.concat(
    raw('SELECT hashes FROM indelible_seal ORDER BY first_index').map((row) => row['hashes'] as Buffer),
  );
  return Array.from({ length: hashes.length / 32 }, (_, n) => hashes.subarray(n * 32, n * 32 + 32));
}

function lastCheckpoint(trail: SqliteAudit, key: SigningKey = KEY): OpenedCheckpoint | undefined {
  const [row] = trail.raw('SELECT note FROM indelible_checkpoint ORDER BY place DESC LIMIT 1');
  return openCheckpoint(String(row?.['note']), [VerifierKey.parse(key.verifierKey)]);
}

function countOf({ raw }: SqliteAudit, table: string): number {
  return Number(raw(`SELECT count(*) AS count FROM ${table}`)[0]?.['count']);
}

describe('a trail with a key', () => {
  it('seals everything it recorded, its stop among it, by the time it is closed', async () => {
    const trail = openAudit({ keys: { file: keyFile(`${KEY.encode()}\n`) } });
    const subjects = Array.from({ length: 30 }, (_, n) => String(n));
    for (const id of subjects) await trail.audit.record({ ...READ, subjectId: id });
    await trail.audit.close();
    expect(trail.errors).toEqual([]);

    const leaves = packedLeaves(trail);
    expect(leaves).toHaveLength(33);
    expect(countOf(trail, 'indelible_event')).toBe(33);
    const checkpoint = lastCheckpoint(trail);
    expect(checkpoint).toMatchObject({ origin: 'example.com/audit', size: 33n, signedBy: [KEY.id] });
    expect(Buffer.from(checkpoint?.root ?? [])).toEqual(naiveRoot(leaves));

    const again = new SqliteStore({ path: trail.path });
    const entries = (await again.leaves(0, 100)).map(({ entry }) => entry);
    await again.close();
    const cores = entries.map((entry) => canonicalize(entry?.core));
    expect(cores.map((core) => createHash('sha256').update(`\0${core}`).digest())).toEqual(leaves);
    const actions = entries.map((entry) => entry?.core.action);
    expect([actions[0], actions.at(-1)]).toEqual(['AUDIT_START', 'AUDIT_STOP']);
    expect(actions.filter((action) => action === 'KEY_ROTATED')).toHaveLength(1);
  });

  it('seals while it runs, and says how far it is', async () => {
    const trail = openAudit({ seal: { key: KEY, everyMs: 20 } });
    for (let n = 0; n < 10; n += 1) await trail.audit.record(READ);
    await expect
      .poll(() => trail.audit.stats(), { timeout: 5_000 })
      .toMatchObject({
        sealed: 12,
        unsealed: 0,
        sealFailures: 0,
      });
    expect(lastCheckpoint(trail)?.size).toBe(12n);
    expect(trail.audit.stats().sealedAt).not.toBeNull();
  });

  it('seals at once when it is asked to', async () => {
    const trail = openAudit({ seal: { key: KEY.encode(), everyMs: 3_600_000 } });
    await trail.audit.record(READ);
    await trail.audit.seal();
    expect(lastCheckpoint(trail)?.size).toBe(3n);
    expect(trail.audit.stats()).toMatchObject({ sealed: 3, unsealed: 0 });
  });

  it('does not wait at its end for the log of a store that is away', async () => {
    const store = createFaultyStore(createMemoryStore());
    const errors: AuditError[] = [];
    const seal = { key: KEY, everyMs: 3_600_000 };
    const options = { store, spool: false, seal, deadlineMs: 200 } as const;
    const log = (): void => undefined;
    const audit = createAudit({ ...options, log, onError: (error) => errors.push(error) });
    await audit.record(READ);
    await audit.seal();
    store.failAlways('hangs');
    void audit.record(READ);
    await expect.poll(() => audit.stats().storeIsUp, { timeout: 5_000 }).toBe(false);
    const started = performance.now();
    await audit.close();
    // What waits is tried twice more, which takes a second each time; to seal is not even tried.
    expect(performance.now() - started).toBeLessThan(2_700);
    expect(errors.filter(({ message }) => message.includes('the log in the store'))).toEqual([]);
  });

  it('says at its start what to verify with, and never the secret', async () => {
    const trail = openAudit({ keys: { file: keyFile(KEY.encode()) } });
    await trail.close();
    const said = trail.lines.join('\n');
    expect(said).toContain(`sealing: every 1000 ms; verify with ${KEY.verifierKey}`);
    expect(said).not.toContain(KEY.encode().split('+').at(-1));
    expect(said).not.toContain('Others may read');
  });

  it('records the whole public key, which outlives every purge as the id of the target', async () => {
    const trail = openAudit({ seal: { key: KEY } });
    await trail.audit.seal();
    const { events: data } = await trail.audit.find({ action: 'KEY_ROTATED' });
    expect(data).toMatchObject([
      {
        actor: { type: 'system', name: 'indelible' },
        source: 'system',
        target: { type: 'SigningKey', id: KEY.verifierKey, label: KEY.name },
        metadata: { verifier: KEY.verifierKey },
        flags: [],
      },
    ]);
  });

  it('warns of a key that others may read', async () => {
    const trail = openAudit({ keys: { file: keyFile(KEY.encode(), 0o644) } });
    await trail.close();
    expect(trail.lines.join('\n')).toMatch(/warning: Others may read .*indelible\.key: run chmod 600/);
    expect(lastCheckpoint(trail)).toBeDefined();
  });

  it('goes on where an earlier life has left off', async () => {
    const file = path.join(temporaryFolder(), 'audit.db');
    for (const size of [2 + 1, 4 + 1, 6 + 1]) {
      const trail = openAudit({ seal: { key: KEY } }, file);
      await trail.close();
      expect(lastCheckpoint(trail)?.size).toBe(BigInt(size));
      expect(Buffer.from(lastCheckpoint(trail)?.root ?? [])).toEqual(naiveRoot(packedLeaves(trail)));
    }
  });
});

describe('a new key', () => {
  it.each([
    ['secret', KEY.encode(), [KEY.id, NEXT.id]],
    ['public', KEY.verifierKey, [NEXT.id]],
  ])('P35: takes over with the %s half of the old one named', async (_, previous, signers) => {
    const file = path.join(temporaryFolder(), 'audit.db');
    await openAudit({ keys: { file: keyFile(KEY.encode()) } }, file).close();
    const keys = { file: keyFile(NEXT.encode()), previous: [keyFile(`${previous}\n`)] };
    const trail = openAudit({ keys }, file);
    await trail.audit.record(READ);
    await trail.audit.seal();
    const { events: data } = await trail.audit.find({ action: 'KEY_ROTATED' });
    expect(data[0]?.metadata).toMatchObject({
      verifier: NEXT.verifierKey,
      previous_verifier: KEY.verifierKey,
    });
    expect(data).toHaveLength(2);
    const [row] = trail.raw('SELECT note FROM indelible_checkpoint ORDER BY place DESC LIMIT 1');
    const verifiers = [KEY, NEXT].map(({ verifierKey }) => VerifierKey.parse(verifierKey));
    const opened = openCheckpoint(String(row?.['note']), verifiers);
    expect(opened?.signedBy.toSorted()).toEqual(signers.toSorted());
    expect(trail.errors).toEqual([]);
  });

  it('P33: is refused without the old one named, and events are stored all the same', async () => {
    const file = path.join(temporaryFolder(), 'audit.db');
    await openAudit({ keys: { file: keyFile(KEY.encode()) } }, file).close();
    const trail = openAudit({ keys: { file: keyFile(NEXT.encode()) } }, file);
    await trail.audit.record(READ);
    await expect(trail.audit.seal()).rejects.toMatchObject({ code: 'LOG_INCONSISTENT' });
    await trail.close();
    expect(trail.errors.map(({ code }) => code)).toEqual(['LOG_INCONSISTENT']);
    expect(trail.errors[0]?.message).toContain('name the file of the one before in keys.previous');
    expect(countOf(trail, 'indelible_event')).toBe(3 + 3);
    expect(packedLeaves(trail)).toHaveLength(3);
  });
});

describe('a trail without a key', () => {
  it('says so with the remedy, stores everything, and seals nothing', async () => {
    const file = path.join(temporaryFolder(), 'indelible.key');
    const trail = openAudit({ keys: { file } });
    await trail.audit.record(READ);
    await expect(trail.audit.seal()).rejects.toMatchObject({
      code: 'KEY_INVALID',
      message: expect.stringContaining('npx indelible keys create'),
    });
    await trail.close();
    expect(trail.lines.join('\n')).toContain(`warning: Nothing is sealed`);
    expect(trail.lines.join('\n')).toContain(`there is no key in ${file}. Run npx indelible keys create`);
    expect(trail.errors).toEqual([]);
    expect(countOf(trail, 'indelible_event')).toBe(3);
    expect(countOf(trail, 'indelible_seal')).toBe(0);
    expect(countOf(trail, 'indelible_checkpoint')).toBe(0);
  });

  it('can have what it stored sealed later', async () => {
    const file = path.join(temporaryFolder(), 'audit.db');
    await openAudit({ seal: false }, file).close();
    const trail = openAudit({ seal: { key: KEY } }, file);
    await trail.close();
    expect(lastCheckpoint(trail)?.size).toBe(2n + 3n);
  });

  it.each([
    ['holds something else', () => keyFile('PRIVATE+KEY+example.com+00000000+c2VjcmV0')],
    ['is empty', () => keyFile('')],
    ['was altered', () => keyFile(KEY.encode().replace(KEY.id, '00000000'))],
    ['is a folder', folder],
  ])('reports a key file that %s, and goes on', async (_, make) => {
    const file = make();
    const trail = openAudit({ keys: { file } });
    await trail.audit.record(READ);
    await trail.close();
    expect(trail.errors.map(({ code }) => code)).toEqual(['KEY_INVALID']);
    expect(trail.errors[0]?.message).toContain(file);
    expect(trail.errors[0]?.message).not.toMatch(/c2VjcmV0|PRIVATE\+KEY\+example/);
    expect(trail.audit.stats()).toMatchObject({ sealFailures: 1, sealed: 0 });
    expect(countOf(trail, 'indelible_event')).toBe(3);
  });

  it('reports an old key that is named and not there', async () => {
    const previous = path.join(temporaryFolder(), 'old.key');
    const trail = openAudit({ keys: { file: keyFile(KEY.encode()), previous } });
    await trail.close();
    expect(trail.errors.map(({ code }) => code)).toEqual(['KEY_INVALID']);
    expect(trail.errors[0]?.message).toContain(previous);
    expect(countOf(trail, 'indelible_seal')).toBe(0);
  });

  it('is quiet about it when it was told to seal nothing', async () => {
    const trail = openAudit({ seal: false, keys: { file: keyFile(KEY.encode()) } });
    await trail.close();
    expect(trail.lines.join('\n')).not.toContain('warning');
    expect(countOf(trail, 'indelible_seal')).toBe(0);
  });
});

describe('a store in memory', () => {
  it('is quietly left unsealed, unless a key is given for it', async () => {
    const lines: string[] = [];
    const plain = createAudit({ store: createMemoryStore(), log: (line) => lines.push(line) });
    await plain.close();
    expect(lines.join('\n')).not.toContain('keys create');
    expect(plain.stats()).toMatchObject({ sealed: 0, sealedAt: null });

    const store = createMemoryStore();
    const audit = createAudit({ store, log: () => undefined, seal: { key: KEY } });
    await audit.record(READ);
    await audit.seal();
    expect(audit.stats()).toMatchObject({ sealed: 3, unsealed: 0 });
    await audit.close();
  });
});

describe('a store of somebody else', () => {
  it('may keep no log, and is told of', async () => {
    const inner = createMemoryStore();
    const store: Pick<Store, 'append' | 'check' | 'close' | 'description'> = {
      description: 'a bucket',
      append: (entries) => inner.append(entries),
      check: async () => [],
      close: () => inner.close(),
    };
    const [lines, errors]: [string[], AuditError[]] = [[], []];
    const audit = createAudit({
      store: store as Store,
      spool: false,
      seal: { key: KEY },
      log: (line) => lines.push(line),
      onError: (error) => errors.push(error),
    });
    await audit.record(READ);
    await audit.close();
    expect(lines.join('\n')).toContain('sealing: none, the store keeps no log: a bucket');
    expect(errors).toEqual([]);
  });
});

describe('somebody with the database', () => {
  it('P33: who rewrites the head makes the sealing stop with an alarm, and nothing else', async () => {
    const file = path.join(temporaryFolder(), 'audit.db');
    await openAudit({ seal: { key: KEY } }, file).close();
    const db = new Database(file);
    db.exec('DROP TRIGGER indelible_head_guard_update');
    db.prepare('UPDATE indelible_head SET root = ?').run(Buffer.alloc(32, 7));
    db.close();
    const trail = openAudit({ seal: { key: KEY, everyMs: 10 } }, file);
    await trail.audit.record(READ);
    await expect.poll(() => trail.errors.map(({ code }) => code)).toContain('LOG_INCONSISTENT');
    await trail.close();
    expect(packedLeaves(trail)).toHaveLength(3);
    expect(countOf(trail, 'indelible_event')).toBe(3 + 3);
  });
});

function folder(): string {
  const dir = path.join(temporaryFolder(), 'indelible.key');
  mkdirSync(dir);
  return dir;
}
