import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { afterAll, describe, expect, it } from 'vitest';

import { createAudit } from '../../src/index.js';
import { createSqliteStore } from '../../src/sqlite.js';
import { ask } from '../../src/testing/http/asking.js';
import { removeTemporaryFolders, spoolFiles, temporaryFolder } from '../test-trail.js';
import type { ServerTask } from './fixture-http-server.js';

const ROUNDS = process.env['INDELIBLE_TEST_DEPTH'] === 'deep' ? 100 : 4;
const FIXTURE = fileURLToPath(new URL('./fixture-http-server.ts', import.meta.url));
const CLIENTS = 8;
const LONGEST_LIFE_MS = 700;
/** A server that has not answered so many has not lived. */
const LEAST = 20;

/** What is asked, and the one event that its answer vouches for. */
const ASKED: readonly (readonly [string, string])[] = [
  ['/api/patients/1', 'READ'],
  ['/api/patients', 'LIST'],
  ['/api/patients/hidden', 'ACCESS_DENIED'],
  ['/api/invoices/1', 'API_REQUEST'],
  ['/api/exports', 'EXPORT'],
];

const children: ChildProcessByStdio<null, Readable, Readable>[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  removeTemporaryFolders();
});

interface Served {
  readonly origin: string;
  readonly complaints: readonly string[];
  /** Ends it as nothing else can, and resolves when it is gone. */
  kill(): Promise<void>;
}

async function serve(task: ServerTask): Promise<Served> {
  const args = ['--import', 'tsx', FIXTURE, JSON.stringify(task)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const [lines, complaints]: [string[], string[]] = [[], []];
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  createInterface(child.stderr).on('line', (line) => complaints.push(line));
  const ended = once(child, 'close');
  await expect
    .poll(() => complaints.join('\n') || lines[0], { timeout: 30_000, interval: 5 })
    .toMatch(/^ready /);
  return {
    origin: `http://127.0.0.1:${lines[0]?.slice('ready '.length)}`,
    complaints,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** What the event of each answered request must be, by the request's id. */
type Answered = Map<string, string>;

/** Asks on and on until nobody answers any more. */
async function askOn(origin: string, name: string, answered: Answered): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let n = 0; ; n += 1) {
    const [where, action] = ASKED[n % ASKED.length] ?? ['', ''];
    const id = `${name}-${n}`;
    try {
      await ask(origin, where, { agent, headers: { 'x-own-id': id } });
    } catch {
      // The server is dead: what it had not answered it need not have told.
      agent.destroy();
      return;
    }
    answered.set(id, action);
  }
}

/** One life of a server under load. */
async function liveAndDie(task: ServerTask, round: number, answered: Answered): Promise<void> {
  const server = await serve(task);
  const before = answered.size;
  const clients = Array.from({ length: CLIENTS }, (_, n) => askOn(server.origin, `${round}-${n}`, answered));
  await expect.poll(() => answered.size - before, { timeout: 30_000, interval: 1 }).toBeGreaterThan(LEAST);
  await sleep(Math.random() * LONGEST_LIFE_MS);
  await server.kill();
  await Promise.all(clients);
  expect(server.complaints).toEqual([]);
}

/** A new life of the trail takes over what the dead have left; answers the actions of each request, by its id. */
async function toldIn(task: ServerTask): Promise<Map<string, string[]>> {
  const errors: string[] = [];
  const audit = createAudit({
    store: createSqliteStore({ path: task.path }),
    spool: { dir: task.dir },
    log: () => undefined,
    onError: ({ message }) => errors.push(message),
  });
  await audit.ready();
  await audit.flush();
  const told = new Map<string, string[]>();
  for await (const { action, request } of audit.stream({ tenantId: null })) {
    const id = request?.id;
    if (typeof id === 'string') told.set(id, [...(told.get(id) ?? []), action]);
  }
  await audit.close();
  expect(errors).toEqual([]);
  expect(spoolFiles(task.dir)).toEqual([]);
  return told;
}

describe('kill -9 of a server under load', () => {
  it(
    'loses no event of a request that it had answered, and tells none twice',
    async () => {
      const dir = temporaryFolder();
      const task = { path: path.join(dir, 'audit.db'), dir: path.join(dir, 'spool') };
      const answered: Answered = new Map();
      for (let round = 0; round < ROUNDS; round += 1) {
        await liveAndDie(task, round, answered);
        const told = await toldIn(task);
        const wrong = [...answered].filter(([id, action]) => told.get(id)?.join() !== action);
        expect(wrong).toEqual([]);
        expect([...told.values()].filter(({ length }) => length !== 1)).toEqual([]);
      }
      console.info(`kill -9 of a server: ${ROUNDS} rounds, ${answered.size} answered requests, none untold`);
    },
    ROUNDS * 20_000,
  );
});
