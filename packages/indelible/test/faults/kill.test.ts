import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';

import { createAudit, type TrailStats } from '../../src/index.js';
import { createSqliteStore } from '../../src/sqlite.js';
import { removeTemporaryFolders, spoolFiles, temporaryFolder } from '../test-trail.js';
import type { WriterTask } from './fixture-writer.js';

const ROUNDS = process.env['INDELIBLE_TEST_DEPTH'] === 'deep' ? 200 : 8;
const FIXTURE = fileURLToPath(new URL('./fixture-writer.ts', import.meta.url));
/** Long enough that a round sees a steady state, short enough that many end while it is still warming up. */
const LONGEST_LIFE_MS = 500;

const children: ChildProcessByStdio<null, Readable, Readable>[] = [];

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  removeTemporaryFolders();
});

interface Writer {
  readonly lines: string[];
  readonly complaints: string[];
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** Resolves when the process has ended and everything it said has been read. */
  readonly ended: Promise<unknown>;
  saw(line: string): Promise<void>;
}

function startWriter(task: WriterTask): Writer {
  const args = ['--import', 'tsx', FIXTURE, JSON.stringify(task)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const [lines, complaints]: [string[], string[]] = [[], []];
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  createInterface(child.stderr).on('line', (line) => complaints.push(line));
  const ended = once(child, 'close');
  const saw = (line: string): Promise<void> =>
    expect
      .poll(() => lines.includes(line) || complaints.join('\n'), { timeout: 20_000, interval: 5 })
      .toBe(true);
  return { lines, complaints, child, ended, saw };
}

/** Takes over what the dead have left and brings all of it into the store. */
async function drain({ path: file, dir }: WriterTask): Promise<void> {
  const errors: string[] = [];
  const audit = createAudit({
    store: createSqliteStore({ path: file }),
    spool: { dir },
    log: () => undefined,
    onError: (error) => errors.push(error.message),
  });
  await audit.ready();
  await audit.flush();
  await audit.close();
  expect(errors).toEqual([]);
  expect(spoolFiles(dir)).toEqual([]);
}

/** How often each id is in the store, read with nothing of ours. */
function countIds(file: string): Map<string, number> {
  const db = new Database(file, { readonly: true });
  const rows = db
    .prepare('SELECT lower(hex(id)) AS id, count(*) AS count FROM indelible_event GROUP BY id')
    .all();
  db.close();
  return new Map((rows as { id: string; count: number }[]).map(({ id, count }) => [id, count]));
}

function newTask(more: Partial<WriterTask> = {}): WriterTask {
  const dir = temporaryFolder();
  return { path: path.join(dir, 'audit.db'), dir: path.join(dir, 'spool'), ...more };
}

/** One life: starts a writer, kills it at a random moment, and answers the ids it had acknowledged. */
async function liveAndDie(task: WriterTask): Promise<string[]> {
  const writer = startWriter(task);
  await writer.saw('ready');
  await sleep(Math.random() * LONGEST_LIFE_MS);
  writer.child.kill('SIGKILL');
  await writer.ended;
  expect(writer.complaints).toEqual([]);
  return writer.lines.filter((line) => line !== 'ready').map((id) => id.replaceAll('-', ''));
}

async function killAgainAndAgain(task: WriterTask): Promise<number> {
  let acknowledged = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const ids = await liveAndDie(task);
    await drain(task);
    const counts = countIds(task.path);
    expect(ids.filter((id) => counts.get(id) !== 1)).toEqual([]);
    expect([...counts.values()].filter((count) => count !== 1)).toEqual([]);
    acknowledged += ids.length;
  }
  return acknowledged;
}

describe('kill -9 of a recording process', () => {
  it.each([
    ['', {}],
    [', with its store away half of the time', { flakyMs: 40 }],
  ])(
    'loses no acknowledged event and stores none twice%s',
    async (words, more) => {
      const acknowledged = await killAgainAndAgain(newTask(more));
      console.info(`kill -9${words}: ${ROUNDS} rounds, ${acknowledged} acknowledged events, none lost`);
      expect(acknowledged).toBeGreaterThan(ROUNDS * 20);
    },
    ROUNDS * 15_000,
  );
});

describe('SIGTERM', () => {
  it('with a full buffer brings everything into the store, and the stop says the numbers', async () => {
    const burst = 10_000;
    const task = newTask({ burst });
    const writer = startWriter(task);
    await writer.saw('recorded');
    writer.child.kill('SIGTERM');
    const [code] = (await writer.ended) as [number];
    expect([code, writer.complaints]).toEqual([0, []]);
    const stats = JSON.parse(writer.lines.at(-1) ?? '{}') as TrailStats;
    expect(stats).toMatchObject({
      recorded: burst + 2,
      stored: burst + 2,
      waiting: 0,
      dropped: 0,
      refused: 0,
    });

    const db = new Database(task.path, { readonly: true });
    const numbers = db.prepare('SELECT process_n FROM indelible_event ORDER BY id').pluck().all();
    const stop = db.prepare("SELECT payload FROM indelible_event WHERE action = 'AUDIT_STOP'").pluck().all();
    db.close();
    expect(numbers).toEqual(Array.from({ length: burst + 2 }, (_, n) => n + 1));
    expect(stop.map((payload) => JSON.parse(String(payload)) as object)).toMatchObject([
      { metadata: { last_n: burst + 2, recorded: burst + 1, stored: burst + 1, waiting: 0 } },
    ]);
    expect(spoolFiles(task.dir)).toEqual([]);
  });
});
