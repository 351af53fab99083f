import { setImmediate } from 'node:timers/promises';

import Database from 'better-sqlite3';
import pg from 'pg';

import { type Audit, createAudit } from '../../src/index.js';
import { auditPg, createPostgresOutbox, createPostgresStore } from '../../src/postgres.js';
import { auditSqlite, createSqliteOutbox, createSqliteStore } from '../../src/sqlite.js';

/** What the process that starts this one asks of it, as JSON in the first argument. */
export type CapturingTask =
  | { readonly database: 'postgres'; readonly url: string }
  | { readonly database: 'sqlite'; readonly path: string; readonly trail: string };

/** One transaction, of which the kill leaves all or nothing. */
interface Counters {
  /** Makes a counter, counts it up twice, and now and then removes it; answers once it is committed. */
  live(name: string, end: 'COMMIT' | 'ROLLBACK'): Promise<void>;
}

const QUIET = {
  models: { truth: false },
  spool: false,
  log: () => undefined,
  onError: () => undefined,
} as const;

/**
 * Run as a process of its own by a test, which kills it: writes counters through a captured connection, while
 * its relay moves what was captured, and says the name of each counter once its transaction was committed.
 */
const task = JSON.parse(process.argv[2] ?? '{}') as CapturingTask;
const { audit, counters } = task.database === 'postgres' ? await inPostgres(task.url) : inSqlite(task);

async function inPostgres(url: string): Promise<{ audit: Audit; counters: Counters }> {
  const plain = new pg.Pool({ connectionString: url, max: 2 });
  plain.on('error', () => undefined);
  const store = createPostgresStore({ connectionString: url });
  const opened = createAudit({ store, outbox: createPostgresOutbox(plain), ...QUIET });
  const { Pool } = auditPg(opened, pg);
  const pool = new Pool({ connectionString: url, max: 4 });
  return {
    audit: opened,
    counters: {
      async live(name, end) {
        const client = await pool.connect();
        await client.query('BEGIN');
        await client.query('INSERT INTO counter (name, n) VALUES ($1, 0), ($2, 0)', [name, `${name}+`]);
        await client.query('UPDATE counter SET n = n + 1 WHERE name LIKE $1', [`${name}%`]);
        await client.query('DELETE FROM counter WHERE name = $1', [`${name}+`]);
        await client.query(end);
        client.release();
        await pool.query('UPDATE counter SET n = n + 1 WHERE name = $1', [name]);
      },
    },
  };
}

function inSqlite({ path, trail }: CapturingTask & { database: 'sqlite' }): {
  audit: Audit;
  counters: Counters;
} {
  const db = new Database(path, { timeout: 20_000 });
  db.pragma('journal_mode = WAL');
  const store = createSqliteStore({ path: trail });
  const opened = createAudit({ store, outbox: createSqliteOutbox(db), ...QUIET });
  auditSqlite(opened, db);
  const insert = db.prepare('INSERT INTO counter (name, n) VALUES (?, 0), (?, 0)');
  const update = db.prepare('UPDATE counter SET n = n + 1 WHERE name LIKE ?');
  const remove = db.prepare('DELETE FROM counter WHERE name = ?');
  return {
    audit: opened,
    counters: {
      async live(name, end) {
        db.exec('BEGIN IMMEDIATE');
        insert.run(name, `${name}+`);
        update.run(`${name}%`);
        remove.run(`${name}+`);
        db.exec(end);
        update.run(name);
        await setImmediate();
      },
    },
  };
}

/** Standard output is written at once where it is a pipe, however slowly that is read. */
function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function work(worker: number): Promise<void> {
  for (let n = 1; ; n += 1) {
    const name = `${process.pid}.${worker}.${n}.`;
    const end = n % 5 === 0 ? 'ROLLBACK' : 'COMMIT';
    const actor = { type: 'user', id: `worker ${worker}` } as const;
    await audit.run({ actor }, async () => counters.live(name, end));
    if (end === 'COMMIT') say(name);
  }
}

process.on('unhandledRejection', (cause) => process.stderr.write(`unhandled: ${String(cause)}\n`));
await audit.ready();
say('ready');
for (let worker = 0; worker < (task.database === 'postgres' ? 4 : 1); worker += 1) void work(worker);
