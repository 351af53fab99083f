import Database from 'better-sqlite3';
import pg from 'pg';
import { describe, expect, it } from 'vitest';

import { createDatabase, postgresServers } from '../../../test/servers/postgres.js';
import { auditPg, createPostgresOutbox } from '../../postgres.js';
import { auditSqlite, createSqliteOutbox } from '../../sqlite.js';
import { createTestAudit, type TestAudit } from '../test-audit.js';
import { watchChanges } from './watch-changes.js';

const MODELS = {
  Person: { table: 'person', redact: ['diagnosis'], exclude: ['photo'] },
  unwatched: false,
} as const;
const WRITES = [
  `INSERT INTO person VALUES (1, 'ana', 'x', NULL, 12.50), (2, 'bo', 'y', NULL, 7)`,
  `UPDATE person SET name = 'ann', fee = fee + 0.25 WHERE id = 1`,
  `UPDATE person SET diagnosis = 'z'`,
  `UPDATE person SET name = name`,
  `INSERT INTO unwatched VALUES (1)`,
  `INSERT INTO visit VALUES (1, '2026-01-02 03:04:05.5', 9007199254740993)`,
  `DELETE FROM person WHERE id = 1`,
];

function schema(time: string, bytes: string): string {
  return `CREATE TABLE person (id bigint PRIMARY KEY, name text, diagnosis text, photo ${bytes}, fee numeric(8, 2));
    CREATE TABLE visit (person_id bigint REFERENCES person ON DELETE CASCADE, at ${time}, number bigint);
    CREATE TABLE unwatched (id int PRIMARY KEY);`;
}

function inSqlite(): { db: Database.Database; audit: TestAudit; query: (sql: string) => unknown } {
  const db = new Database(':memory:');
  db.pragma('foreign_keys = ON');
  db.exec(schema('text', 'blob'));
  const audit = createTestAudit({ outbox: createSqliteOutbox(db), models: MODELS });
  const query = (sql: string): unknown => {
    const statement = db.prepare(sql);
    return statement.reader ? statement.all() : statement.run();
  };
  return { db, audit, query };
}

describe('a watch over the rows of a schema of one’s own', () => {
  it('finds that everything was told on SQLite, and leaves nothing behind', async () => {
    const { db, audit, query } = inSqlite();
    auditSqlite(audit, db);
    const watch = await watchChanges(audit, { kind: 'sqlite', query });
    for (const write of WRITES) query(write);
    expect(await watch.account()).toEqual({ rows: 8, exact: 8, reported: 0, missed: [], false: [] });
    expect(await watch.account()).toMatchObject({ rows: 0, false: [] });
    await watch.stop();
    expect(db.prepare("SELECT name FROM sqlite_schema WHERE name LIKE '%truth%'").all()).toEqual([]);
    await audit.close();
    db.close();
  });

  it('names what was missed, and what was told and never happened', async () => {
    const { db, audit, query } = inSqlite();
    const watch = await watchChanges(audit, { kind: 'sqlite', query });
    query(`INSERT INTO person (id, name) VALUES (1, 'ana')`);
    await audit.record({
      action: 'DELETE',
      source: 'model',
      target: { type: 'Person', id: '9' },
      before: { id: 9 },
    });
    const { missed, false: untrue } = await watch.account();
    expect(missed).toEqual([
      'INSERT Person { diagnosis:  > [redacted]; fee:  > null; id:  > 1; name:  > ana }',
    ]);
    expect(untrue).toEqual(['DELETE Person { id: 9 >  }']);
    await watch.stop();
    await audit.close();
    db.close();
  });

  it.each(postgresServers())(
    'finds that everything was told on $name, or told as a statement',
    async (server) => {
      const database = await createDatabase(server);
      const plain = new pg.Pool({ connectionString: database.url });
      plain.on('error', () => undefined);
      const outbox = createPostgresOutbox(plain);
      await outbox.migrate();
      await plain.query(`${schema('timestamptz', 'bytea')} SET timezone = 'UTC'`);
      const audit = createTestAudit({ outbox, models: MODELS, onError: () => undefined });
      const pool = new (auditPg(audit, pg).Pool)({ connectionString: database.url });
      pool.on('error', () => undefined);
      const watch = await watchChanges(audit, { kind: 'postgres', query: (sql) => plain.query(sql) });
      for (const write of WRITES) await pool.query(write.replace('05.5', '05.5Z'));
      expect(await watch.account()).toEqual({ rows: 8, exact: 8, reported: 0, missed: [], false: [] });
      await pool.query('TRUNCATE visit; INSERT INTO visit VALUES (2, NULL, NULL)');
      expect(await watch.account()).toEqual({ rows: 1, exact: 0, reported: 1, missed: [], false: [] });
      await watch.stop();
      await audit.close();
      await Promise.all([pool.end(), plain.end()]);
      await database.drop();
    },
  );
});
