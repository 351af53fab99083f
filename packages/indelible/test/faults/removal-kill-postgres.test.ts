import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { afterAll, describe, expect, it } from 'vitest';

import type { Entry } from '../../src/event/entry.js';
import { type Failpoint, REMOVAL_FAILPOINTS } from '../../src/stores/failpoints.js';
import { PostgresStore } from '../../src/stores/postgres/postgres-store.js';
import type { RemovalKind } from '../../src/stores/removal.js';
import type { Tally } from '../../src/stores/seal-log.js';
import { counted, decided, someLife, split, storeAndSeal, take } from '../../src/testing/removal/filled.js';
import { addedUp } from '../../src/testing/seal-log/sealed.js';
import { openTrail, type PostgresTrail } from '../postgres-trail.js';
import { postgresServers } from '../servers/postgres.js';
import type { PostgresRemovalTask } from './fixture-removal-postgres.js';

const ROUNDS = process.env['INDELIBLE_TEST_DEPTH'] === 'deep' ? 30 : 2;
const FIXTURE = fileURLToPath(new URL('./fixture-removal-postgres.ts', import.meta.url));
const LONGEST_LIFE_MS = 200;
const TALLIES = `SELECT to_char(quarter AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS quarter, tenant_id AS "tenantId",
  kind, value, count::int FROM indelible_rollup`;

interface Bed {
  readonly trail: PostgresTrail;
  readonly store: PostgresStore;
}

const children: ChildProcessByStdio<null, Readable, Readable>[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

/** One life of a process, which dies by itself or is killed some time after it is ready. */
async function live(task: PostgresRemovalTask, killAfterMs?: number): Promise<readonly string[]> {
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
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(complaints).toEqual([]);
  return lines;
}

describe.each(postgresServers())('kill -9 of a process that removes, on $name', (server) => {
  async function withBed(test: (bed: Bed) => Promise<void>): Promise<void> {
    const trail = await openTrail(server);
    const store = new PostgresStore({ connectionString: trail.url });
    try {
      await test({ trail, store });
    } finally {
      await store.close();
      await trail.close();
    }
  }

  describe.each(['purge', 'erase'] as const)('to %s', (kind) => {
    it.each(REMOVAL_FAILPOINTS)(
      'at %s leaves a batch as it was or removed whole, and it goes on',
      async (at) => {
        await withBed((bed) => expectToSurviveDeath(bed, kind, at));
      },
    );
  });

  it(
    'at any moment keeps no other out, and the removal is gone on with to its end',
    async () => {
      await withBed(killAgainAndAgain);
    },
    ROUNDS * 30_000,
  );
});

async function expectToSurviveDeath({ trail, store }: Bed, kind: RemovalKind, at: Failpoint): Promise<void> {
  const { gone, left } = split(someLife(60), 2);
  await storeAndSeal(store, [...gone, ...left]);
  const before = await raw(trail);
  const eventId = await decided(store, kind);
  const ids = gone.map(({ core }) => core.id);
  expect(await live({ url: trail.url, eventId, ids, dieAt: at })).toEqual([]);
  // The server notices the end of the connection by itself, and rolls back what was under way.
  await expect.poll(() => others(trail)).toBe(0);
  const isGone = at === 'removal.committed';
  if (isGone) await expectRemoved(trail, kind, gone, left);
  expect(isGone ? before : await raw(trail)).toEqual(before);
  expect((await store.retention.removals()).map(({ doneAt }) => doneAt)).toEqual([null]);
  expect(await take(store, eventId, ids)).toBe(isGone ? 0 : ids.length);
  await store.retention.finish(eventId);
  await expectRemoved(trail, kind, gone, left);
  expect(await store.strays(10)).toEqual([]);
}

async function killAgainAndAgain({ trail, store }: Bed): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const { gone, left } = split(someLife(60), 2);
    await storeAndSeal(store, [...gone, ...left]);
    const eventId = await decided(store, 'purge');
    const ids = gone.map(({ core }) => core.id);
    expect(await live({ url: trail.url, eventId, ids }, Math.random() * LONGEST_LIFE_MS)).toEqual(['ready']);
    let removed = 0;
    const isNext = (): Promise<boolean | undefined> =>
      store.retention.exclusively(async () => {
        removed = (await take(store, eventId, ids)) ?? 0;
        await store.retention.finish(eventId);
        return true;
      });
    await expect.poll(isNext).toBe(true);
    // Batches of twenty went whole, and the last one, or not at all.
    expect(removed === 0 ? 0 : (ids.length - removed) % 20).toBe(0);
    await expectRemoved(trail, 'purge', gone, left);
    const rest = await decided(store, 'purge');
    await take(
      store,
      rest,
      left.map(({ core }) => core.id),
    );
    await store.retention.finish(rest);
    expect(await raw(trail)).toEqual({ events: [], subjects: [], tallies: [] });
  }
}

async function expectRemoved(
  trail: PostgresTrail,
  kind: RemovalKind,
  gone: readonly Entry[],
  left: readonly Entry[],
): Promise<void> {
  const { events, tallies } = await raw(trail);
  const emptied = gone.map((entry) => ({ ...entry, search: { subjects: entry.search.subjects } }));
  const still = kind === 'purge' ? [] : emptied;
  expect(addedUp(tallies as Tally[])).toEqual(counted([...left, ...still]));
  const found = (events as { id: string; payload: string | null }[]).map(({ id, payload }) => [id, payload]);
  const expected = [
    ...left.map(({ core, payload }) => [core.id, payload]),
    ...still.map(({ core }) => [core.id, null]),
  ];
  expect(found).toEqual(expected.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
}

async function raw({ client }: PostgresTrail): Promise<Record<string, readonly unknown[]>> {
  const { rows: events } = await client.query('SELECT * FROM indelible_event ORDER BY id');
  const { rows: subjects } = await client.query('SELECT * FROM indelible_event_subject ORDER BY 1, 2, 3');
  const { rows: tallies } = await client.query(`${TALLIES} ORDER BY 1, 2, 3, 4`);
  return { events, subjects, tallies };
}

/** How many connections are in a transaction that is not this one. */
async function others({ client }: PostgresTrail): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND backend_type = 'client backend'`,
  );
  return rows[0]?.count ?? 0;
}
