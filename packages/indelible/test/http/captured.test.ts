import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import Database from 'better-sqlite3';
import express, { type Express, type RequestHandler } from 'express';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { auditExpress } from '../../src/express.js';
import type { AuditEvent, Outbox } from '../../src/index.js';
import { auditPg, createPostgresOutbox } from '../../src/postgres.js';
import { auditSqlite, createSqliteOutbox } from '../../src/sqlite.js';
import { createTestAudit, type TestAudit } from '../../src/testing.js';
import { createDatabase, postgresServers, type TestDatabase } from '../servers/postgres.js';

/** Runs a statement of the application's; each database in its own way. */
type RunSql = (sql: string) => unknown;

interface Bed {
  readonly audit: TestAudit;
  readonly run: RunSql;
}

const TABLE = 'CREATE TABLE patient (id integer PRIMARY KEY, name text UNIQUE)';
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

function openAudit(outbox: Outbox): TestAudit {
  const audit = createTestAudit({ outbox, onError: () => undefined });
  closing.push(() => audit.close());
  return audit;
}

async function sqliteBed(): Promise<Bed> {
  const db = new Database(':memory:');
  db.exec(TABLE);
  const outbox = createSqliteOutbox(db);
  await outbox.migrate();
  const audit = openAudit(outbox);
  auditSqlite(audit, db);
  return { audit, run: (sql) => db.prepare(sql).run() };
}

/** Answers the status that it is asked for, once its statements have run. */
function appOf({ audit, run }: Bed): Express {
  const app = express();
  app.use(auditExpress(audit, { actor: () => ({ type: 'user', id: '1' }) }));
  app.use(express.json());
  const write: RequestHandler = async (request, response) => {
    const { statements, status } = request.body as { statements: string[]; status: number };
    for (const sql of statements) await attempt(run, sql);
    response.sendStatus(status);
  };
  app.post('/api/patients/:id', write);
  return app;
}

/** What the database refuses is what the answer's status says. */
async function attempt(run: RunSql, sql: string): Promise<void> {
  try {
    await run(sql);
  } catch (error) {
    expect(String(error)).toMatch(/unique/i);
  }
}

async function eventsAfter(bed: Bed, status: number, ...statements: string[]): Promise<AuditEvent[]> {
  const server = appOf(bed).listen(0, '127.0.0.1');
  closing.push(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/api/patients/7`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Connection: 'close' },
    body: JSON.stringify({ statements, status }),
  });
  expect(response.status).toBe(status);
  await response.text();
  return bed.audit.events();
}

const told = (events: readonly AuditEvent[]): string[] =>
  events.map(({ action, outcome }) => `${action} ${outcome}`);

function requestsAndChanges(openBed: () => Promise<Bed>): void {
  const INSERT = "INSERT INTO patient VALUES (7, 'Ada')";

  it('P25: leaves its change and nothing beside it', async () => {
    const events = await eventsAfter(await openBed(), 201, INSERT);
    expect(told(events)).toEqual(['CREATE success']);
    expect(events[0]?.request).toMatchObject({ route: '/api/patients/:id' });
  });

  it('is told by itself when it changed no row', async () => {
    const none = "UPDATE patient SET name = 'Eve' WHERE id = 99";
    expect(told(await eventsAfter(await openBed(), 200, none))).toEqual(['API_REQUEST success']);
  });

  it('is told by itself beside its change when it fails nevertheless', async () => {
    const events = await eventsAfter(await openBed(), 500, INSERT);
    expect(told(events).toSorted()).toEqual(['API_REQUEST error', 'CREATE success']);
  });

  it('leaves the refusal of the database and nothing beside it', async () => {
    const bed = await openBed();
    await bed.run(INSERT);
    const events = await eventsAfter(bed, 409, "INSERT INTO patient VALUES (8, 'Ada')");
    expect(told(events)).toEqual(['CREATE success', 'CREATE failure']);
  });
}

describe('a request that writes to a captured database in SQLite', () => {
  requestsAndChanges(sqliteBed);

  it('is told by itself when its write changed nothing', async () => {
    const bed = await sqliteBed();
    bed.run("INSERT INTO patient VALUES (7, 'Ada')");
    const same = "UPDATE patient SET name = 'Ada' WHERE id = 7";
    expect(told(await eventsAfter(bed, 200, same))).toEqual(['CREATE success', 'API_REQUEST success']);
  });
});

describe.each(postgresServers())('a request that writes to a captured database in $name', (server) => {
  let database: TestDatabase;
  let pool: pg.Pool;

  beforeAll(async () => {
    database = await createDatabase(server);
    pool = new pg.Pool({ connectionString: database.url });
    await createPostgresOutbox(pool).migrate();
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  requestsAndChanges(async () => {
    await pool.query(`DROP TABLE IF EXISTS patient; ${TABLE}`);
    const audit = openAudit(createPostgresOutbox(pool));
    const captured = new (auditPg(audit, pg).Pool)({ connectionString: database.url });
    closing.push(() => captured.end());
    return { audit, run: (sql) => captured.query(sql) };
  });
});
