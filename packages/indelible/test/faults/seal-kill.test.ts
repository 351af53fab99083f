import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';

import { entryLeaf } from '../../src/event/entry.js';
import { type Failpoint, SEAL_FAILPOINTS } from '../../src/stores/failpoints.js';
import { samples } from '../../src/testing/contract/sample.js';
import { NaiveTree } from '../../src/testing/seal-log/naive-tree.js';
import type { SealedStore } from '../../src/testing/seal-log/seal-log-contract.js';
import { assertHead, hex, sealAll, Sealed, sealNext } from '../../src/testing/seal-log/sealed.js';
import { removeTemporaryFolders, temporaryFolder } from '../test-trail.js';
import { openSealedStore, readSealed, type SealingTask } from './sealing-task.js';

const ROUNDS = process.env['INDELIBLE_TEST_DEPTH'] === 'deep' ? 100 : 4;
const FIXTURE = fileURLToPath(new URL('./fixture-sealing-writer.ts', import.meta.url));
/** Two processes store and seal at the same time. */
const PROCESSES = 2;
const LONGEST_LIFE_MS = 600;
const TABLES = ['seal', 'node', 'rollup', 'checkpoint', 'head'];

/** Where the processes write, and how to see afterwards what is there. */
interface Bed {
  readonly task: SealingTask;
  readonly store: SealedStore;
  /** Every row of the log's tables, each table by its name. */
  readonly raw: () => Promise<Record<string, readonly unknown[]>>;
  close(): Promise<void>;
}

interface Life {
  readonly lines: readonly string[];
  readonly signal: NodeJS.Signals | null;
}

const BEDS: readonly (readonly [name: string, open: () => Promise<Bed>])[] = [['SQLite', inSqlite]];

const children: ChildProcessByStdio<null, Readable, Readable>[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  removeTemporaryFolders();
});

async function inSqlite(): Promise<Bed> {
  const task: SealingTask = { database: 'sqlite', path: path.join(temporaryFolder(), 'audit.db') };
  const store = openSealedStore(task);
  await store.migrate();
  const db = new Database(task.path, { readonly: true });
  return {
    task,
    store,
    raw: async () =>
      Object.fromEntries(
        TABLES.map((table) => [table, db.prepare(`SELECT * FROM indelible_${table}`).all()]),
      ),
    async close() {
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
      db.close();
      await store.close();
    },
  };
}

/** One life of a process, which ends by itself or is killed some time after it is ready. */
async function live(task: SealingTask, killAfterMs?: number): Promise<Life> {
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

/** The log is one: every leaf is that of its event, and head, nodes and last checkpoint are those of the leaves. */
async function expectSound({ store }: Bed): Promise<Sealed> {
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

/** Dies at one step, with some leaves sealed before and a whole subtree among those it seals. */
async function expectToDieAndGoOn(bed: Bed, at: Failpoint): Promise<void> {
  const entries = samples(500, (n) => ({ core: { action: n % 2 === 0 ? 'READ' : 'UPDATE' } }));
  await bed.store.append(entries);
  const sealed = await sealNext(bed.store, new Sealed(), 200);
  const before = await bed.raw();
  expect(before['node']).toHaveLength(0);
  expect(await live({ ...bed.task, dieAt: at })).toEqual({ lines: [], signal: 'SIGKILL' });
  const after = await expectSound(bed);
  const isSealed = at === 'seal.committed';
  expect(after.tree.size).toBe(isSealed ? entries.length : sealed.tree.size);
  const found = await bed.raw();
  expect(isSealed ? found['node']?.length : found).toEqual(isSealed ? 1 : before);
  const whole = await sealAll(bed.store, after);
  expect(whole.ids).toEqual(entries.map(({ core }) => core.id));
  await expectSound(bed);
}

async function killAgainAndAgain(bed: Bed): Promise<{ stored: number; heads: number }> {
  const [ids, heads]: [string[], string[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    const lives = Array.from({ length: PROCESSES }, () => live(bed.task, Math.random() * LONGEST_LIFE_MS));
    const lines = (await Promise.all(lives)).flatMap((life) => life.lines);
    ids.push(...lines.filter((line) => line !== 'ready' && !line.includes(' ')));
    heads.push(...lines.filter((line) => line.includes(' ')));
    await expectSound(bed);
  }
  await sealAll(bed.store, await readSealed(bed.store));
  const { ids: sealed, tree } = await expectSound(bed);
  const known = new Set(sealed);
  expect(ids.filter((id) => !known.has(id))).toEqual([]);
  expect(await bed.store.strays(10)).toEqual([]);
  for (const line of new Set(heads)) expect(`${line} ${rootAt(tree, line)}`).toBe(`${line} ${line}`);
  return { stored: ids.length, heads: heads.length };
}

/** A head that was once acknowledged, as the log has it now. */
function rootAt(tree: NaiveTree, line: string): string {
  const size = Number(line.split(' ')[0]);
  return `${size} ${hex(new NaiveTree(tree.leaves.slice(0, size)).root())}`;
}

describe.each(BEDS)('kill -9 of a process that seals, on %s', (name, open) => {
  it.each(SEAL_FAILPOINTS)(
    'at %s leaves the log as it was or as it was to become, and it goes on',
    async (at) => {
      const bed = await open();
      try {
        await expectToDieAndGoOn(bed, at);
      } finally {
        await bed.close();
      }
    },
  );

  it(
    'at any moment, with another that seals beside it, takes back no head and loses no event',
    async () => {
      const bed = await open();
      try {
        const { stored, heads } = await killAgainAndAgain(bed);
        console.info(
          `kill -9 of sealing, ${name}: ${ROUNDS} rounds of ${PROCESSES} processes, ${stored} acknowledged events, ${heads} acknowledged heads: all in the log`,
        );
        expect(Math.min(stored, heads)).toBeGreaterThan(ROUNDS);
      } finally {
        await bed.close();
      }
    },
    ROUNDS * 30_000,
  );
});
