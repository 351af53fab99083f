import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { afterAll, describe, expect, it } from 'vitest';

import type { Entry } from '../../src/event/entry.js';
import { type Failpoint, REMOVAL_FAILPOINTS } from '../../src/stores/failpoints.js';
import type { RemovalKind } from '../../src/stores/removal.js';
import { idsOf } from '../../src/testing/contract/question.js';
import { counted, decided, someLife, storeAndSeal, take } from '../../src/testing/removal/filled.js';
import { addedUp } from '../../src/testing/seal-log/sealed.js';
import { openSqliteRemoval, type SqliteRemoval } from '../sqlite-removal.js';
import type { RemovingTask } from './removing-task.js';

const ROUNDS = process.env['INDELIBLE_TEST_DEPTH'] === 'deep' ? 60 : 3;
const FIXTURE = fileURLToPath(new URL('./fixture-removing.ts', import.meta.url));
const KINDS = ['purge', 'erase'] as const;
const BATCH = 110;
const EVENTS = 750;
const LONGEST_LIFE_MS = 60;

const children: ChildProcessByStdio<null, Readable, Readable>[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

interface Life {
  /** What was acknowledged, batch by batch. */
  readonly removed: readonly number[];
  readonly signal: NodeJS.Signals | null;
}

/** One life of a process, which ends by itself or is killed some time after it is ready. */
async function live(task: RemovingTask, killAfterMs?: number): Promise<Life> {
  const args = ['--import', 'tsx', FIXTURE, JSON.stringify(task)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const [lines, complaints]: [string[], string[]] = [[], []];
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  createInterface(child.stderr).on('line', (line) => complaints.push(line));
  const ended = once(child, 'close');
  if (killAfterMs !== undefined) {
    await expect.poll(() => lines.includes('ready') || complaints.join('\n'), { timeout: 30_000 }).toBe(true);
    await sleep(killAfterMs);
    child.kill('SIGKILL');
  }
  const [, signal] = (await ended) as [number | null, NodeJS.Signals | null];
  expect(complaints).toEqual([]);
  return { removed: lines.filter((line) => line !== 'ready').map(Number), signal };
}

/**
 * The ids that are gone, or empty. The tallies are those of what is left, the log is whole, and nothing is half
 * removed: neither an event's payload without its texts, nor an event without the rows of its subjects.
 */
async function expectSound(
  bed: SqliteRemoval,
  entries: readonly Entry[],
  kind: RemovalKind,
): Promise<string[]> {
  const rows = new Map((await bed.rawEvents()).map((row) => [row.id, row]));
  const isGone = ({ core }: Entry): boolean => (rows.get(core.id)?.payload ?? null) === null;
  const gone = entries.filter(isGone);
  for (const { core } of kind === 'erase' ? gone : [])
    expect(rows.get(core.id)).toMatchObject({
      salt: null,
      role: null,
      ip: null,
      actorText: null,
      text: null,
    });
  const emptied = gone.map((entry) => ({ ...entry, search: { subjects: entry.search.subjects } }));
  const left = entries.filter((entry) => !isGone(entry)).concat(kind === 'erase' ? emptied : []);
  expect(rows.size).toBe(left.length);
  expect(addedUp(await bed.rawTallies())).toEqual(counted(left));
  const subjects = new Set((await bed.rawSubjects()).map(({ eventId }) => eventId));
  const about = left.filter(({ search }) => (search.subjects ?? []).length > 0);
  expect([...subjects].toSorted()).toEqual(idsOf(about).toSorted());
  expect((await bed.store.leaves(0, 1_000)).map(({ id }) => id)).toEqual(idsOf(entries));
  expect(await bed.store.strays(10)).toEqual([]);
  expect(bed.trail.db.prepare('SELECT count(*) FROM indelible_removing').pluck().get()).toBe(0);
  bed.trail.db.exec("INSERT INTO indelible_event_search (indelible_event_search) VALUES ('integrity-check')");
  expect(bed.trail.db.pragma('integrity_check', { simple: true })).toBe('ok');
  return idsOf(gone);
}

/** Dies in its second batch, at one step, and is gone on with. */
async function expectToDieAndGoOn(bed: SqliteRemoval, kind: RemovalKind, at: Failpoint): Promise<void> {
  const entries = someLife(100);
  await storeAndSeal(bed.store, entries);
  const eventId = await decided(bed.store, kind);
  const ids = idsOf(entries).toSorted();
  await take(bed.store, eventId, ids.slice(0, BATCH));
  const task = { path: bed.trail.path, eventId, ids: ids.slice(BATCH), batch: BATCH, dieAt: at };
  expect(await live(task)).toEqual({ removed: [], signal: 'SIGKILL' });
  const gone = await expectSound(bed, entries, kind);
  const isRemoved = at === 'removal.committed';
  expect(gone.toSorted()).toEqual(ids.slice(0, isRemoved ? 2 * BATCH : BATCH));
  expect(await take(bed.store, eventId, ids)).toBe(entries.length - gone.length);
  await bed.store.retention.finish(eventId);
  expect(await expectSound(bed, entries, kind)).toHaveLength(entries.length);
}

async function killAgainAndAgain(bed: SqliteRemoval, kind: RemovalKind): Promise<number> {
  const entries = someLife(EVENTS / 3);
  await storeAndSeal(bed.store, entries);
  const eventId = await decided(bed.store, kind);
  const task: RemovingTask = { path: bed.trail.path, eventId, ids: idsOf(entries), batch: 10 };
  let acknowledged = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const { removed } = await live(task, Math.random() * LONGEST_LIFE_MS);
    acknowledged += removed.reduce((sum, count) => sum + count, 0);
    const gone = await expectSound(bed, entries, kind);
    expect(gone.length).toBeGreaterThanOrEqual(acknowledged);
    expect(gone.length % task.batch).toBe(0);
  }
  await live(task);
  await bed.store.retention.finish(eventId);
  expect(await expectSound(bed, entries, kind)).toHaveLength(entries.length);
  return acknowledged;
}

describe.each(KINDS)('kill -9 of a process that removes (%s), on SQLite', (kind) => {
  it.each(REMOVAL_FAILPOINTS)('at %s leaves a whole batch or nothing of it, and it goes on', async (at) => {
    const bed = await openSqliteRemoval();
    try {
      await expectToDieAndGoOn(bed, kind, at);
    } finally {
      await bed.remove();
    }
  });

  it(
    'at any moment leaves whole batches, and what was acknowledged stays removed',
    async () => {
      const bed = await openSqliteRemoval();
      try {
        const acknowledged = await killAgainAndAgain(bed, kind);
        expect(acknowledged).toBeLessThanOrEqual(EVENTS);
        console.info(`kill -9 of a removal (${kind}): ${ROUNDS} rounds, ${acknowledged} acknowledged events`);
      } finally {
        await bed.remove();
      }
    },
    ROUNDS * 30_000,
  );
});
