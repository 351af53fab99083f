import { readFileSync } from 'node:fs';

import Database from 'better-sqlite3';
import { Client } from 'pg';

import { SELECTED_TEXT } from '../../src/stores/postgres/rows.js';
import { COLUMNS } from '../../src/stores/sqlite/rows.js';
import { leafBatches } from '../../src/verify/leaf-batches.js';
import { verifyTrail } from '../../src/verify/verify.js';
import { seconds } from '../timing.js';
import { openStore, type Place } from './ground.js';

/** One way through a trail, in a process of its own, which tells how long it took and how much memory. */
export interface Task extends Place {
  /** Verify it; read its leaves from the store, and look at nothing; or only read its rows, by the driver alone. */
  readonly way: 'verify' | 'read' | 'driver';
  readonly key: string;
  readonly size: number;
}

export interface Told {
  readonly seconds: number;
  /** Processor time of the thread that it was done on, and of all of the process, in microseconds. */
  readonly mainMicros: number;
  readonly allMicros: number;
  readonly peakMiB: number;
}

const BATCH = 2_048;
const WAYS: Readonly<Record<Task['way'], (task: Task) => Promise<number>>> = { verify, read, driver };

const task = JSON.parse(process.argv[2] ?? '{}') as Task;
let found = 0;
const before = processorTime();
const taken = await seconds(async () => (found = await WAYS[task.way](task)));
const after = processorTime();
if (found !== task.size) throw new Error(`${task.way} went over ${found} of ${task.size} events.`);
const told: Told = {
  seconds: taken,
  mainMicros: after.main - before.main,
  allMicros: after.all - before.all,
  peakMiB: process.resourceUsage().maxRSS / 1024,
};
process.stdout.write(JSON.stringify(told));

async function verify(given: Task): Promise<number> {
  const store = openStore(given);
  const { isGood, counts } = await verifyTrail(store, { keys: [given.key] });
  await store.close();
  if (!isGood) throw new Error('What was sealed by the bench is not good.');
  return counts.VALID;
}

async function read(given: Task): Promise<number> {
  const store = openStore(given);
  let events = 0;
  const log = { leaves: (from: number, limit: number) => store.leaves(from, limit) };
  for await (const { leaves } of leafBatches(log, 0, given.size)) events += leaves.length;
  await store.close();
  return events;
}

function driver(given: Task): Promise<number> {
  return given.kind === 'sqlite' ? sqliteDriver(given) : postgresDriver(given);
}

async function sqliteDriver({ at }: Task): Promise<number> {
  const db = new Database(at, { readonly: true });
  const select = db.prepare<[unknown, number], { seq: number }>(
    `SELECT seq, ${COLUMNS.join(', ')}, recorded_at FROM indelible_event WHERE seq > ? ORDER BY seq LIMIT ?`,
  );
  let events = 0;
  for (let rows = select.all(0, BATCH); rows.length > 0; rows = select.all(rows.at(-1)?.seq, BATCH))
    events += rows.length;
  db.close();
  return events;
}

async function postgresDriver({ at }: Task): Promise<number> {
  const client = new Client({ connectionString: at });
  await client.connect();
  const text = `SELECT ${SELECTED_TEXT} FROM indelible_event WHERE id > $1::uuid ORDER BY indelible_event.id LIMIT $2`;
  let events = 0;
  for (let last = '00000000-0000-0000-0000-000000000000'; ;) {
    const { rows } = await client.query<{ id: string }>({ name: 'read', text, values: [last, BATCH] });
    events += rows.length;
    last = rows.at(-1)?.id ?? '';
    if (rows.length < BATCH) break;
  }
  await client.end();
  return events;
}

/** Linux counts by the nanosecond how long each thread ran; elsewhere all of the process is told for its one thread. */
function processorTime(): { readonly main: number; readonly all: number } {
  const { user, system } = process.cpuUsage();
  const all = user + system;
  if (process.platform !== 'linux') return { main: all, all };
  const [main] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ');
  return { main: Number(main) / 1_000, all };
}
