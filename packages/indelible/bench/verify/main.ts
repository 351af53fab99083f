import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { Frontier } from '../../src/integrity/frontier.js';
import { SigningKey } from '../../src/integrity/note-key.js';
import type { Store } from '../../src/stores/store.js';
import { sealBatch } from '../../src/trail/sealing/seal-batch.js';
import { batchesOf, entriesOf } from '../life.js';
import { machine } from '../machine.js';
import { median, rounded } from '../timing.js';
import type { Task, Told } from './child.js';
import { type Ground, postgresGround, sqliteGround } from './ground.js';

export interface VerifyBenchOptions {
  readonly server: { readonly name: string; readonly url: string } | undefined;
  readonly store: string | undefined;
  readonly events: number;
  readonly rounds: number;
  readonly label: string;
}

const BATCH = 500;
const YEAR_MS = 365 * 86_400_000;
const KEY = SigningKey.create('bench.example/audit');
const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
const WAYS = ['driver', 'read', 'verify'] as const;
const run = promisify(execFile);

interface Measured extends Told {
  readonly serverMicros: number;
}

/**
 * What verifying costs, beside merely reading the same rows: as leaves with their events, in the same batches from the
 * same store (`read`), and by the driver alone, with nothing made of them (`driver`). Each in a process of its own, in turns.
 */
export async function runVerify(options: VerifyBenchOptions): Promise<void> {
  const { server, store: only, events, rounds, label } = options;
  const grounds = [sqliteGround, ...(server ? [() => postgresGround(server)] : [])];
  for (const open of grounds) {
    const ground = await open();
    try {
      if (only !== undefined && !ground.name.toLowerCase().startsWith(only)) continue;
      write(ground, label, await measure(ground, events, rounds));
    } finally {
      await ground.close();
    }
  }
}

async function measure(ground: Ground, events: number, rounds: number): Promise<object> {
  console.log(`${ground.name}: filling with ${events} events`);
  await fill(ground.store, events);
  await ground.settle();
  const { kind, at } = ground;
  const told: Record<Task['way'], Measured[]> = { driver: [], read: [], verify: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const way of WAYS) {
      const answer = await measureOne({ kind, at, way, key: KEY.verifierKey, size: events }, ground);
      told[way].push(answer);
      console.log(`  ${way}: ${rounded(answer.seconds)} s`);
    }
  }
  return resultOf(events, rounds, told);
}

/** With what the server's processes worked for it, where they can be seen. */
async function measureOne(task: Task, ground: Ground): Promise<Measured> {
  const before = await ground.serverMicros();
  const told = await ask(task);
  return { ...told, serverMicros: (await ground.serverMicros()) - before };
}

async function fill(store: Store, events: number): Promise<void> {
  const until = Date.now();
  for (const batch of batchesOf(entriesOf({ events, from: until - YEAR_MS, until }), BATCH * 4)) {
    await store.append(batch);
    await sealAll(store);
  }
}

async function sealAll(store: Store): Promise<void> {
  for (let hasMore = true; hasMore;) {
    const pending = await store.pending(BATCH);
    const frontier = new Frontier(pending.head.size, pending.head.frontier);
    if (pending.entries.length > 0)
      await store.seal(sealBatch({ pending, frontier, origin: KEY.name, keys: [KEY] }));
    hasMore = pending.hasMore;
  }
}

async function ask(task: Task): Promise<Told> {
  const parameters = ['--import', import.meta.resolve('tsx'), CHILD, JSON.stringify(task)];
  const { stdout } = await run(process.execPath, parameters);
  return JSON.parse(stdout) as Told;
}

function resultOf(events: number, rounds: number, told: Record<Task['way'], Measured[]>): object {
  const middleOf = (way: Task['way'], of: (one: Measured) => number): number =>
    median(told[way].map(of).toSorted((a, b) => a - b));
  const middle = (way: Task['way']): number => middleOf(way, ({ seconds }) => seconds);
  const each = (way: Task['way'], of: (one: Measured) => number): number =>
    rounded(middleOf(way, of) / events);
  const peak = (way: Task['way']): number => Math.round(Math.max(...told[way].map((one) => one.peakMiB)));
  return {
    events,
    rounds,
    seconds: Object.fromEntries(WAYS.map((way) => [way, rounded(middle(way))])),
    perSecond: Object.fromEntries(WAYS.map((way) => [way, Math.round(events / middle(way))])),
    // Of the processor, for one event: the thread that reads, all of its process, and the database's server.
    microsEach: Object.fromEntries(
      WAYS.map((way) => [
        way,
        {
          main: each(way, ({ mainMicros }) => mainMicros),
          all: each(way, ({ allMicros }) => allMicros),
          server: each(way, ({ serverMicros }) => serverMicros),
        },
      ]),
    ),
    peakMiB: Object.fromEntries(WAYS.map((way) => [way, peak(way)])),
    // 1 would mean that verifying costs nothing on top.
    ratioToRead: rounded(middle('read') / middle('verify')),
    ratioToDriver: rounded(middle('driver') / middle('verify')),
  };
}

function write(ground: Ground, label: string, result: object): void {
  console.log(result);
  const folder = fileURLToPath(new URL('../results/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const file = `${folder}${label}-verify-${ground.kind}.json`;
  const measured = {
    database: ground.name,
    measuredAt: new Date().toISOString(),
    machine: machine(),
    ...result,
  };
  writeFileSync(file, `${JSON.stringify(measured, null, 2)}\n`);
  console.log(`written to ${file}`);
}
