import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { afterAll, describe, expect, it } from 'vitest';

import { entryLeaf } from '../../src/event/entry.js';
import { type Failpoint, SEAL_FAILPOINTS } from '../../src/stores/failpoints.js';
import { PostgresStore } from '../../src/stores/postgres/postgres-store.js';
import { samples } from '../../src/testing/contract/sample.js';
import { NaiveTree } from '../../src/testing/seal-log/naive-tree.js';
import { assertHead, hex, sealAll, Sealed, sealNext } from '../../src/testing/seal-log/sealed.js';
import { openTrail, type PostgresTrail } from '../postgres-trail.js';
import { postgresServers } from '../servers/postgres.js';
import type { PostgresSealingTask } from './fixture-sealing-postgres.js';
import { readSealed } from './sealing-task.js';

const ROUNDS = process.env['INDELIBLE_TEST_DEPTH'] === 'deep' ? 100 : 3;
const FIXTURE = fileURLToPath(new URL('./fixture-sealing-postgres.ts', import.meta.url));
/** Two processes store and seal at the same time. */
const PROCESSES = 2;
const LONGEST_LIFE_MS = 600;
const TABLES = ['seal', 'node', 'rollup', 'checkpoint', 'head'];

interface Bed {
  readonly trail: PostgresTrail;
  readonly store: PostgresStore;
}

interface Life {
  readonly lines: readonly string[];
  readonly signal: NodeJS.Signals | null;
}

const children: ChildProcessByStdio<null, Readable, Readable>[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

/** One life of a process, which ends by itself or is killed some time after it is ready. */
async function live(task: PostgresSealingTask, killAfterMs?: number): Promise<Life> {
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
  return { lines, signal };
}

describe.each(postgresServers())('kill -9 of a process that seals, on $name', (server) => {
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

  it.each(SEAL_FAILPOINTS)(
    'at %s leaves the log as it was or as it was to become, and it goes on',
    async (at) => {
      await withBed((bed) => expectToSurviveDeath(bed, at));
    },
  );

  it(
    'at any moment, with another that seals beside it, takes back no head and loses no event',
    async () => {
      await withBed(async (bed) => {
        const { stored, heads } = await killAgainAndAgain(bed);
        console.info(
          `kill -9 of sealing, ${server.name}: ${ROUNDS} rounds of ${PROCESSES} processes, ${stored} acknowledged events, ${heads} acknowledged heads: all in the log`,
        );
        expect(Math.min(stored, heads)).toBeGreaterThan(ROUNDS);
      });
    },
    ROUNDS * 30_000,
  );
});

/** Dies at one step, with some leaves sealed before and a whole subtree among those it seals. */
async function expectToSurviveDeath({ trail, store }: Bed, at: Failpoint): Promise<void> {
  const entries = samples(500, (n) => ({ core: { action: n % 2 === 0 ? 'READ' : 'UPDATE' } }));
  await store.append(entries);
  const sealed = await sealNext(store, new Sealed(), 200);
  const before = await raw(trail);
  expect(before['node']).toHaveLength(0);
  expect(await live({ url: trail.url, dieAt: at })).toEqual({ lines: [], signal: 'SIGKILL' });
  // The server notices the end of the connection by itself, and rolls back what was under way.
  await expect.poll(() => others(trail)).toBe(0);
  const after = await expectSound(store);
  const isSealed = at === 'seal.committed';
  expect(after.tree.size).toBe(isSealed ? entries.length : sealed.tree.size);
  const now = await raw(trail);
  expect(now['node']).toHaveLength(isSealed ? 1 : 0);
  expect(isSealed ? before : now).toEqual(before);
  const whole = await sealAll(store, after);
  expect(whole.ids).toEqual(entries.map(({ core }) => core.id));
  await expectSound(store);
}

async function killAgainAndAgain({ trail, store }: Bed): Promise<{ stored: number; heads: number }> {
  const [ids, heads]: [string[], string[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    const task = { url: trail.url };
    const lives = Array.from({ length: PROCESSES }, () => live(task, Math.random() * LONGEST_LIFE_MS));
    const lines = (await Promise.all(lives)).flatMap((life) => life.lines);
    ids.push(...lines.filter((line) => line !== 'ready' && !line.includes(' ')));
    heads.push(...lines.filter((line) => line.includes(' ')));
    await expect.poll(() => others(trail)).toBe(0);
    await expectSound(store);
  }
  await sealAll(store, await readSealed(store));
  const { ids: sealed, tree } = await expectSound(store);
  const known = new Set(sealed);
  expect(ids.filter((id) => !known.has(id))).toEqual([]);
  expect(await store.strays(10)).toEqual([]);
  for (const line of new Set(heads)) expect(`${line} ${rootAt(tree, line)}`).toBe(`${line} ${line}`);
  return { stored: ids.length, heads: heads.length };
}

/** The log is one: every leaf is that of its event, and head, nodes and last checkpoint are those of the leaves. */
async function expectSound(store: PostgresStore): Promise<Sealed> {
  const head = await store.head();
  const leaves = await store.leaves(0, head.size);
  expect(new Set(leaves.map(({ id }) => id)).size).toBe(head.size);
  for (const { id, hash, entry } of leaves)
    expect([id, entry && hex(entryLeaf(entry))]).toEqual([entry?.core.id, hex(hash)]);
  const sealed = await readSealed(store);
  assertHead(head, sealed.head);
  const nodes = await store.nodes(1, 0, head.size);
  expect(nodes.map(hex)).toEqual(sealed.tree.nodesSince(0).map(({ hash }) => hex(hash)));
  const { checkpoint } = sealed.batch(await store.pending(0));
  expect((await store.lastCheckpoint())?.note ?? checkpoint).toBe(checkpoint);
  return sealed;
}

/** A head that was once acknowledged, as the log has it now. */
function rootAt(tree: NaiveTree, line: string): string {
  const size = Number(line.split(' ')[0]);
  return `${size} ${hex(new NaiveTree(tree.leaves.slice(0, size)).root())}`;
}

async function raw({ client }: PostgresTrail): Promise<Record<string, readonly unknown[]>> {
  const rows = TABLES.map(async (table) => {
    const found = await client.query(`SELECT * FROM indelible_${table}`);
    return [table, found.rows] as const;
  });
  return Object.fromEntries(await Promise.all(rows));
}

/** How many connections are in a transaction that is not this one. */
async function others({ client }: PostgresTrail): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND backend_type = 'client backend'`,
  );
  return rows[0]?.count ?? 0;
}
