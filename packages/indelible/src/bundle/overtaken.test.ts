import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { bundleOf, linesOf, verify } from '../../test/bundle/bundle-files.js';
import { type ClinicLog, EVERYTHING, openClinicLog, ORDER } from '../../test/bundle/clinic-log.js';
import { someEntries } from '../../test/entries.js';
import { sealPending } from '../../test/sealed-store.js';
import type { StoredEntry } from '../event/read.js';
import type { BundleSource } from './collect.js';
import type { BundleOptions } from './create-bundle.js';
import { FILES } from './layout.js';

const open: ClinicLog[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((log) => log.close()));
});

async function openLog(count = 500): Promise<ClinicLog> {
  const log = await openClinicLog(count);
  open.push(log);
  return log;
}

/** Something else happens before a page of events is read, told which one that is. */
function meanwhile({ store }: ClinicLog, happens: (page: number) => Promise<unknown>): BundleSource {
  let pages = 0;
  const turn = (): Promise<unknown> => happens((pages += 1));
  return {
    get: (id, tenantId) => store.get(id, tenantId),
    lastCheckpoint: () => store.lastCheckpoint(),
    leaves: async (from, limit) => {
      await turn();
      return store.leaves(from, limit);
    },
    leafHashes: (from, to) => store.leafHashes(from, to),
    nodes: (level, from, to) => store.nodes(level, from, to),
    indexOf: (id) => store.indexOf(id),
    retention: store.retention,
    async *stream(query): AsyncGenerator<StoredEntry> {
      await turn();
      let count = 0;
      for await (const entry of store.stream(query)) {
        count += 1;
        if (count % 200 === 0) await turn();
        yield (await store.get(entry.core.id, query.tenantId)) ?? entry;
      }
    },
  };
}

const SOME: BundleOptions['query'] = {
  tenantId: null,
  where: { actions: ['READ', 'UPDATE'] },
  order: ORDER,
  limit: 100,
};

describe('a bundle that is written while events are removed', () => {
  it.each([
    ['erase', 'the whole log', EVERYTHING],
    ['purge', 'the whole log', EVERYTHING],
    ['erase', 'what matches', SOME],
    ['purge', 'what matches', SOME],
  ] as const)('verifies after a removal (%s) between two pages of %s', async (kind, _name, query) => {
    const log = await openLog();
    await log.remove(kind, [3]);
    const store = meanwhile(log, async (page) => {
      if (page === 2) await log.remove(kind, [7, 350]);
    });
    const folder = await bundleOf(log, { store, query });
    expect(await verify(folder, log)).toMatchObject({ isProven: true, isWhole: query === EVERYTHING });
  });

  it('begins anew with a checkpoint that reaches to what explains it', async () => {
    const log = await openLog();
    const store = meanwhile(log, async (page) => {
      if (page === 2) await log.remove('erase', [350]);
    });
    const folder = await bundleOf(log, { store });
    expect(await verify(folder, log)).toMatchObject({
      isProven: true,
      size: 501,
      events: { VALID: 500, ERASED: 1 },
    });
    expect(linesOf(folder, FILES.removals)).toHaveLength(1);
  });

  it('needs no new beginning for a removal whose event its checkpoint reaches to, however late that was decided', async () => {
    const log = await openLog();
    const carryOut = await log.vouch('erase', [350]);
    await log.remove('erase', [3]);
    let pagesRead = 0;
    const store = meanwhile(log, async (page) => {
      pagesRead = page;
      if (page === 2) await carryOut();
    });
    const folder = await bundleOf(log, { store });
    expect(pagesRead).toBe(3);
    expect(await verify(folder, log)).toMatchObject({ isProven: true, size: 502, events: { ERASED: 2 } });
  });

  it('verifies when an event was sealed and erased behind its checkpoint', async () => {
    const log = await openLog();
    const store = meanwhile(log, async (page) => {
      if (page !== 1) return;
      await log.store.append(someEntries(1, () => ({ core: { action: 'READ' } })));
      await sealPending(log.store, log.key);
      await log.remove('erase', [500]);
    });
    const folder = await bundleOf(log, { store, query: SOME });
    expect(await verify(folder, log)).toMatchObject({ isProven: true, events: { TAMPERED: 0 } });
  });

  it('is refused when that goes on and on, and is left nowhere', async () => {
    const log = await openLog();
    const output = log.newPath();
    await expect(bundleOf(log, { store: unending(log), output })).rejects.toMatchObject({
      code: 'REMOVAL_RUNNING',
      message: expect.stringMatching(
        /^No bundle was written, and nothing was changed: 3 times.*Write it again when/,
      ) as string,
    });
    expect(existsSync(output)).toBe(false);
    expect(readdirSync(dirname(output)).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('is written with its findings when that goes on and on, where they were asked for', async () => {
    const log = await openLog();
    const folder = await bundleOf(log, { store: unending(log), withFindings: true });
    expect((await verify(folder, log)).findings).toContainEqual(
      expect.objectContaining({
        verdict: 'MISSING',
        message: expect.stringMatching(/payload is gone/) as string,
      }),
    );
  });
});

/** Before every page another event is erased of those on the last page. */
function unending(log: ClinicLog): BundleSource {
  let next = 450;
  return meanwhile(log, () => log.remove('erase', [(next += 1)]));
}
