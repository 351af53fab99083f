import { afterAll, describe, expect, it } from 'vitest';

import { commit, type Entry, type EventCore } from '../../src/event/entry.js';
import { floorId } from '../../src/event/id.js';
import { createAudit } from '../../src/index.js';
import { createMemoryStore } from '../../src/memory.js';
import type { Verification } from '../../src/verify/verification.js';
import { verifyTrail } from '../../src/verify/verify.js';
import { openSqliteAudit } from '../sqlite-audit.js';
import { removeTemporaryFolders } from '../test-trail.js';
import { KEY, sealEntries } from './bed.js';
import { changed } from './changed.js';

const PROCESS = 'a1b2c3d4e5f60718';
const HOUR_MS = 3_600_000;
const LONG_AGO = Date.now() - 1_000 * HOUR_MS;

/** The n-th event of a process, as recorded an hour after the one before it. */
function numbered(n: number, given: Partial<EventCore> = {}, metadata: object = {}, at = LONG_AGO): Entry {
  const id = floorId(at + n * HOUR_MS).replace('-0000-0000-', '-7000-8000-');
  const base = { v: 1, id, action: 'READ', outcome: 'success', source: 'read' } as const;
  const process = { id: PROCESS, n };
  return commit({ ...base, actor: { type: 'system' }, process, ...given }, { metadata }, {});
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, n) => from + n);
}

async function verified(entries: readonly Entry[]): Promise<Verification> {
  const store = createMemoryStore();
  await sealEntries(store, entries);
  return verifyTrail(store, { keys: [KEY.verifierKey] });
}

function stop(n: number): Entry {
  return numbered(n, { action: 'AUDIT_STOP' }, { process: PROCESS, last_n: n });
}

describe('the numbers of a process', () => {
  afterAll(removeTemporaryFolders);

  it('are whole when all of them came, in whatever order', async () => {
    const entries = numbers(1, 40).map((n) => numbered(n));
    const shuffled = entries.map((_, n) => entries[(n * 17) % 40]).filter((entry) => entry !== undefined);
    const found = await verified([...shuffled, stop(41)]);
    expect(found.violations).toEqual([]);
    expect(found).toMatchObject({ isGood: true, numbering: { missed: [], processes: 1, unstopped: 0 } });
  });

  it('tell of an event that was never written', async () => {
    const found = await verified([1, 2, 4, 5, 9, 10].map((n) => numbered(n)));
    expect(found).toMatchObject({ isGood: false, log: 'GAP', violationCount: 2 });
    expect(found.numbering?.missed).toEqual([
      { process: PROCESS, first: 3, last: 3 },
      { process: PROCESS, first: 6, last: 8 },
    ]);
    expect(found.violations[1]?.what).toContain(`numbers 6 to 8 of process ${PROCESS}`);
  });

  it('tell of the first ones, and of the last ones before the stop', async () => {
    const found = await verified([...numbers(3, 6).map((n) => numbered(n)), stop(10)]);
    expect(found.numbering?.missed).toEqual([
      { process: PROCESS, first: 1, last: 2 },
      { process: PROCESS, first: 7, last: 9 },
    ]);
  });

  it('say nothing of the last ones of a process that was killed or runs still', async () => {
    const found = await verified(numbers(1, 6).map((n) => numbered(n)));
    expect(found).toMatchObject({ isGood: true, numbering: { unstopped: 1, missed: [] } });
  });

  it('are explained by what the trail owned up to', async () => {
    const gap = {
      process: 'another',
      of_process: PROCESS,
      reason: 'no_room',
      count: 3,
      numbers: [
        [3, 3],
        [6, 7],
      ],
    };
    const found = await verified([
      ...[1, 2, 4, 5, 9].map((n) => numbered(n)),
      numbered(10, { action: 'AUDIT_GAP' }, gap),
    ]);
    expect(found.numbering).toMatchObject({ told: 3, missed: [{ first: 8, last: 8 }] });
  });

  it('are explained by lost events whose numbers nobody knew, no more of them than were told', async () => {
    const damaged = { process: PROCESS, reason: 'damaged', count: 2, numbers: [] };
    const found = await verified([
      ...[1, 4, 6].map((n) => numbered(n)),
      numbered(7, { action: 'AUDIT_GAP' }, damaged),
    ]);
    expect(found.numbering).toMatchObject({ told: 2, missed: [{ first: 5, last: 5 }] });
  });

  it('are not told as lost while they may be on their way', async () => {
    const now = Date.now() - 5 * HOUR_MS;
    const found = await verified([1, 2, 5].map((n) => numbered(n, {}, {}, now)));
    expect(found).toMatchObject({ isGood: true, numbering: { underway: 2, missed: [] } });
  });

  it('are those of an event that is missing from the log, which is told of once', async () => {
    const store = createMemoryStore();
    const entries = numbers(1, 6).map((n) => numbered(n));
    await sealEntries(store, entries);
    const gone = entries[3]?.core.id;
    const holed = changed(store, {
      leaves: async (from: number, limit: number) =>
        (await store.leaves(from, limit)).map((leaf) =>
          leaf.id === gone ? { ...leaf, entry: undefined } : leaf,
        ),
    });
    const found = await verifyTrail(holed, { keys: [KEY.verifierKey] });
    expect(found.violations).toMatchObject([{ verdict: 'MISSING', index: 3, id: gone }]);
    expect(found.numbering).toMatchObject({ gone: 1, missed: [] });
  });

  it('are whole over the whole life of a real trail', async () => {
    const trail = openSqliteAudit({ seal: { key: KEY } });
    for (let n = 0; n < 50; n += 1) await trail.audit.record({ action: n % 7 === 0 ? 'EXPORT' : 'READ' });
    await trail.close();
    const store = openSqliteAudit({ seal: false }, trail.path);
    const found = await verifyTrail(store.store, { keys: [KEY.verifierKey] });
    await store.close();
    expect(found.violations).toEqual([]);
    expect(found).toMatchObject({ isGood: true, log: 'CONSISTENT' });
    expect(found.numbering?.processes).toBeGreaterThan(0);
    expect(found.counts.VALID).toBeGreaterThan(50);
  });

  it('are kept in little memory, however many holes somebody makes', async () => {
    const began = Date.now() - 30_000 * HOUR_MS;
    const found = await verified(numbers(1, 12_000).map((n) => numbered(2 * n, {}, {}, began)));
    expect(found.log).toBe('GAP');
    expect(found.violations).toHaveLength(100);
    expect(found.violationCount).toBeGreaterThan(9_000);
  }, 60_000);
});

it('refuses to verify without a key, or with one that is none', async () => {
  const store = createMemoryStore();
  await expect(verifyTrail(store, { keys: [] })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  await expect(verifyTrail(store, { keys: ['key'] })).rejects.toMatchObject({ code: 'KEY_INVALID' });
  await expect(
    verifyTrail(store, { keys: [KEY.verifierKey], knownCheckpoints: ['note'] }),
  ).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  await expect(verifyTrail(store, { keys: [KEY.verifierKey], from: 'soon' })).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
  });
  const audit = createAudit({ store, log: () => undefined });
  await audit.close();
});
