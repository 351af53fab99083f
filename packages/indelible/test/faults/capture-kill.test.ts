import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import Database from 'better-sqlite3';
import { Pool } from 'pg';
import { afterAll, describe, expect, it } from 'vitest';

import { type AuditEvent, createAudit, type Outbox, type Store } from '../../src/index.js';
import { createPostgresOutbox, createPostgresStore } from '../../src/postgres.js';
import { createSqliteOutbox, createSqliteStore } from '../../src/sqlite.js';
import { createDatabase, postgresServers } from '../servers/postgres.js';
import { readAll, removeTemporaryFolders, temporaryFolder } from '../test-trail.js';
import type { CapturingTask } from './fixture-capturing-writer.js';

const ROUNDS = process.env['INDELIBLE_TEST_DEPTH'] === 'deep' ? 100 : 4;
const FIXTURE = fileURLToPath(new URL('./fixture-capturing-writer.ts', import.meta.url));
/** Two processes write and relay at the same time. */
const PROCESSES = 2;
const LONGEST_LIFE_MS = 600;
const CHANGE = new Set(['CREATE', 'UPDATE', 'DELETE']);

const POSTGRES_TRUTH = `
CREATE TABLE counter (name text PRIMARY KEY, n int NOT NULL);
CREATE TABLE truth (line text NOT NULL);
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO truth VALUES (concat_ws(' ', TG_OP, coalesce(OLD.name, NEW.name), OLD.n, NEW.n)); RETURN NULL; END $$;
CREATE TRIGGER tell AFTER INSERT OR UPDATE OR DELETE ON counter FOR EACH ROW EXECUTE FUNCTION tell()`;
const SQLITE_TRUTH = `
CREATE TABLE counter (name TEXT PRIMARY KEY, n INT NOT NULL);
CREATE TABLE truth (line TEXT NOT NULL);
CREATE TRIGGER told_insert AFTER INSERT ON counter BEGIN
  INSERT INTO truth VALUES ('INSERT ' || NEW.name || ' ' || NEW.n); END;
CREATE TRIGGER told_update AFTER UPDATE ON counter BEGIN
  INSERT INTO truth VALUES ('UPDATE ' || NEW.name || ' ' || OLD.n || ' ' || NEW.n); END;
CREATE TRIGGER told_delete AFTER DELETE ON counter BEGIN
  INSERT INTO truth VALUES ('DELETE ' || OLD.name || ' ' || OLD.n); END;`;
const TRUTH = 'SELECT line FROM truth ORDER BY line COLLATE "C"';
const WAITING = 'SELECT count(*) AS count FROM indelible_outbox';

/** Where a round's processes write, and how to see afterwards what is there. */
interface Bed {
  readonly task: CapturingTask;
  readonly store: Store;
  readonly outbox: Outbox;
  readonly columns: (sql: string) => Promise<string[]>;
  close(): Promise<void>;
}

const children: ChildProcessByStdio<null, Readable, Readable>[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  removeTemporaryFolders();
});

/** One life of one process: answers the counters whose transaction it had been told is committed. */
async function liveAndDie(task: CapturingTask): Promise<string[]> {
  const args = ['--import', 'tsx', FIXTURE, JSON.stringify(task)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const [lines, complaints]: [string[], string[]] = [[], []];
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  createInterface(child.stderr).on('line', (line) => complaints.push(line));
  const ended = once(child, 'close');
  await expect.poll(() => lines.includes('ready') || complaints.join('\n'), { timeout: 30_000 }).toBe(true);
  await sleep(Math.random() * LONGEST_LIFE_MS);
  child.kill('SIGKILL');
  await ended;
  expect(complaints).toEqual([]);
  return lines.filter((line) => line !== 'ready');
}

/** What an event says happened, in the words of the triggers. */
function lineOf({ action, target, before, after }: AuditEvent): string {
  const op = action === 'CREATE' ? 'INSERT' : action;
  return [op, target?.id, before?.['n'], after?.['n']].filter((part) => part !== undefined).join(' ');
}

/** A new life of the relay takes what the dead have left. */
async function drain({ store, outbox }: Bed): Promise<void> {
  const errors: string[] = [];
  const open = {
    ...store,
    append: store.append.bind(store),
    check: async () => [],
    close: async () => undefined,
  };
  const audit = createAudit({
    store: Object.assign(Object.create(store) as Store, open),
    outbox,
    spool: false,
    log: () => undefined,
    onError: (error) => errors.push(error.message),
  });
  await audit.ready();
  await audit.flush();
  await audit.close();
  expect(errors).toEqual([]);
}

async function killAgainAndAgain(bed: Bed): Promise<{ changes: number; acknowledged: number }> {
  let acknowledged = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const lives = Array.from({ length: PROCESSES }, () => liveAndDie(bed.task));
    const names = (await Promise.all(lives)).flat();
    acknowledged += names.length;
    const truth = await bed.columns(TRUTH);
    expect(names.filter((name) => !truth.includes(`INSERT ${name} 0`))).toEqual([]);
  }
  await drain(bed);
  const truth = await bed.columns(TRUTH);
  const events = (await readAll(bed.store)).filter(({ action }) => CHANGE.has(action));
  expect(events.map(lineOf).toSorted()).toEqual(truth.toSorted());
  expect(events.filter(({ actor }) => !/^worker \d$/.test(actor.id ?? ''))).toEqual([]);
  expect(await bed.columns(WAITING)).toEqual(['0']);
  return { changes: truth.length, acknowledged };
}

async function inPostgres(server: { url: string }): Promise<Bed> {
  const database = await createDatabase(server);
  const pool = new Pool({ connectionString: database.url });
  pool.on('error', () => undefined);
  const store = createPostgresStore({ connectionString: database.url, monthsAhead: 2 });
  const outbox = createPostgresOutbox(pool);
  await store.migrate();
  await outbox.migrate();
  await pool.query(POSTGRES_TRUTH);
  return {
    task: { database: 'postgres', url: database.url },
    store,
    outbox,
    columns: async (sql) => {
      const { rows } = await pool.query<Record<string, unknown>>(sql);
      return rows.map((row) => String(Object.values(row)[0]));
    },
    async close() {
      await store.close();
      await pool.end();
      await database.drop();
    },
  };
}

function inSqlite(): Bed {
  const folder = temporaryFolder();
  const task = {
    database: 'sqlite',
    path: path.join(folder, 'clinic.db'),
    trail: path.join(folder, 'trail.db'),
  } as const;
  const db = new Database(task.path, { timeout: 20_000 });
  db.pragma('journal_mode = WAL');
  db.exec(SQLITE_TRUTH);
  const store = createSqliteStore({ path: task.trail });
  return {
    task,
    store,
    outbox: createSqliteOutbox(db),
    columns: async (sql) => db.prepare(sql.replace('COLLATE "C"', '')).pluck().all().map(String),
    async close() {
      await store.close();
      db.close();
    },
  };
}

describe('kill -9 of processes that write captured changes and relay them', () => {
  it.each([
    ...postgresServers().map((server) => [server.name, () => inPostgres(server)] as const),
    ['SQLite', async () => inSqlite()] as const,
  ])(
    'P12: leaves every committed change in the trail, and each once, on %s',
    async (name, open) => {
      const bed = await open();
      try {
        const { changes, acknowledged } = await killAgainAndAgain(bed);
        console.info(
          `kill -9 of capture, ${name}: ${ROUNDS} rounds of ${PROCESSES} processes, ${acknowledged} acknowledged transactions, ${changes} changes: each in the trail once`,
        );
        expect(acknowledged).toBeGreaterThan(ROUNDS);
      } finally {
        await bed.close();
      }
    },
    ROUNDS * 30_000,
  );
});
