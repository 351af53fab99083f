import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { PgBed } from '../../../../test/capture/pg-bed.js';
import { postgresServers } from '../../../../test/servers/postgres.js';

const SCHEMA = `
CREATE TABLE people (id int PRIMARY KEY, name text);
CREATE SCHEMA other;
CREATE TABLE other.people (id int PRIMARY KEY, nick text);
CREATE TABLE other.untracked_people (id int);
CREATE FUNCTION move() RETURNS void LANGUAGE sql AS 'SELECT set_config(''search_path'', ''other'', false)';`;
const ROWS = `DELETE FROM people; DELETE FROM other.people; INSERT INTO people SELECT n, 'name ' || n FROM generate_series(1, 3) n;
  INSERT INTO other.people SELECT n, 'nick ' || n FROM generate_series(1, 3) n`;

describe.each(postgresServers())('the order of statements on $name', (server) => {
  let bed: PgBed;

  beforeAll(async () => {
    bed = await PgBed.open(server, SCHEMA);
  });
  afterAll(() => bed.close());
  beforeEach(async () => {
    await bed.plain.query(ROWS);
    await bed.take();
  });

  const names = async (): Promise<unknown[]> =>
    (await bed.plain.query('SELECT name FROM people ORDER BY id')).rows.map(({ name }) => name);

  describe.each([false, true])('with pipeline: %s', (pipeline) => {
    const open = (): Promise<pg.Client> => bed.client({ pipeline });

    it('P11: rolls back what was sent un-awaited between BEGIN and ROLLBACK, and tells nothing', async () => {
      const client = await open();
      await Promise.all([
        client.query('BEGIN'),
        client.query("UPDATE people SET name = 'x'"),
        client.query('MERGE INTO people p USING (SELECT 1 AS id) s ON s.id = p.id WHEN MATCHED THEN DELETE'),
        client.query('ROLLBACK'),
      ]);
      expect(await names()).toEqual(['name 1', 'name 2', 'name 3']);
      expect(await bed.taken()).toEqual([]);
    });

    it('P14: keeps the order of un-awaited statements in the transaction, with what is told', async () => {
      const client = await open();
      const results = await Promise.all([
        client.query('BEGIN'),
        client.query("UPDATE people SET name = 'one' WHERE id = 1"),
        client.query('MERGE INTO people p USING (SELECT 2 AS id) s ON s.id = p.id WHEN MATCHED THEN DELETE'),
        client.query('SELECT count(*)::int AS n FROM people'),
        client.query("INSERT INTO people VALUES (9, 'nine') RETURNING id"),
        client.query('COMMIT'),
      ]);
      expect(results.map(({ command }) => command)).toEqual([
        'BEGIN',
        'UPDATE',
        'MERGE',
        'SELECT',
        'INSERT',
        'COMMIT',
      ]);
      expect(results[3]?.rows).toEqual([{ n: 2 }]);
      expect(await bed.taken()).toEqual(['UPDATE people', 'STATEMENT MERGE 1', 'INSERT people']);
    });

    it('plans a statement by the tables that one before it has just defined, un-awaited', async () => {
      const client = await open();
      await Promise.all([
        client.query('CREATE TABLE IF NOT EXISTS fresh (id int PRIMARY KEY, a int)'),
        client.query('INSERT INTO fresh VALUES (1, 1)'),
        client.query('ALTER TABLE fresh ADD COLUMN b int DEFAULT 5'),
        client.query('UPDATE fresh SET b = 6'),
        client.query('DROP TABLE fresh'),
      ]);
      const taken = await bed.take();
      expect(taken.map(({ change }) => change.op)).toEqual(['INSERT', 'UPDATE']);
      expect(taken[1]?.change).toMatchObject({ before: { b: 5 }, after: { b: 6 } });
    });

    it('follows the search path, also when a transaction takes it back', async () => {
      const client = await open();
      await Promise.all([
        client.query('BEGIN'),
        client.query('SET LOCAL search_path TO other, public'),
        client.query("UPDATE people SET nick = 'n' WHERE id = 1"),
        client.query('ROLLBACK'),
        client.query("UPDATE people SET name = 'm' WHERE id = 1"),
        client.query('SET search_path TO other, public'),
        client.query("UPDATE people SET nick = 'n' WHERE id = 1"),
        client.query('RESET ALL'),
        client.query("UPDATE people SET name = 'n' WHERE id = 1"),
      ]);
      expect((await bed.take()).map(({ change }) => (change as { after?: unknown }).after)).toEqual([
        { name: 'm' },
        { nick: 'n' },
        { name: 'n' },
      ]);
    });

    it('sends what was called before the connection was made, in its order', async () => {
      const client = new (bed.module().Client)({ connectionString: bed.url, pipeline });
      const results = [
        client.query('BEGIN'),
        client.query("UPDATE people SET name = 'early' WHERE id = 1"),
        client.query('COMMIT'),
      ];
      await client.connect();
      await Promise.all(results);
      await client.end();
      expect(await bed.taken()).toEqual(['UPDATE people']);
    });

    it('goes on after errors between un-awaited statements', async () => {
      const client = await open();
      const outcomes = await Promise.allSettled([
        client.query("UPDATE people SET name = 'a' WHERE id = 1"),
        client.query('UPDATE people SET id = NULL WHERE id = 2'),
        client.query('TRUNCATE nowhere'),
        client.query("UPDATE people SET name = 'b' WHERE id = 3 RETURNING name"),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual([
        'fulfilled',
        'rejected',
        'rejected',
        'fulfilled',
      ]);
      expect(await bed.taken()).toEqual(['UPDATE people', 'UPDATE people']);
    });
  });

  it('keeps savepoints: what is rolled back to one leaves nothing', async () => {
    const client = await bed.client();
    for (const text of [
      'BEGIN',
      "UPDATE people SET name = 'kept' WHERE id = 1",
      'SAVEPOINT s',
      "UPDATE people SET name = 'gone' WHERE id = 2",
      'ROLLBACK TO s',
      "UPDATE people SET name = 'kept' WHERE id = 3",
      'COMMIT',
    ])
      await client.query(text);
    expect(await names()).toEqual(['kept', 'name 2', 'kept']);
    expect(await bed.taken()).toEqual(['UPDATE people', 'UPDATE people']);
  });

  it('sees a definition that is rolled back as gone', async () => {
    bed.capturing.warnings.length = 0;
    const client = await bed.client();
    await client.query('BEGIN');
    await client.query('ALTER TABLE people ADD COLUMN extra int');
    await client.query('UPDATE people SET extra = 1 WHERE id = 1');
    await client.query('ROLLBACK');
    await client.query("UPDATE people SET name = 'after' WHERE id = 1");
    expect((await bed.take()).map(({ change }) => change)).toMatchObject([{ after: { name: 'after' } }]);
    expect(bed.capturing.warnings).toEqual([]);
  });

  it('lets other connections know of a definition when it is committed', async () => {
    const pool = bed.pool();
    const [one, two] = await Promise.all([pool.connect(), pool.connect()]);
    await one.query('CREATE TABLE late (id int PRIMARY KEY, a int)');
    await two.query('INSERT INTO late VALUES (1, 1)');
    await one.query('BEGIN');
    await one.query('ALTER TABLE late ADD COLUMN b int DEFAULT 1');
    await one.query('UPDATE late SET b = 2');
    await one.query('COMMIT');
    await two.query('UPDATE late SET b = 3');
    expect((await bed.take()).map(({ change }) => (change as { after?: unknown }).after)).toEqual([
      { id: 1, a: 1 },
      { b: 2 },
      { b: 3 },
    ]);
    await one.query('DROP TABLE late');
    one.release();
    two.release();
  });

  it('learns of what another program has defined when a statement is not understood', async () => {
    const client = await bed.client();
    await bed.plain.query(
      'CREATE TABLE moved (id int PRIMARY KEY, a int, b int); INSERT INTO moved VALUES (1, 1, 1)',
    );
    await client.query('CREATE TABLE nudge ()');
    await client.query('UPDATE moved SET a = 2');
    await bed.plain.query('ALTER TABLE moved RENAME b TO c');
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await client.query('DELETE FROM moved')).toMatchObject({ command: 'DELETE', rowCount: 1 });
    expect((await bed.take()).map(({ change }) => change)).toMatchObject([
      { op: 'UPDATE' },
      { op: 'DELETE', before: { id: 1, a: 2, c: 1 } },
    ]);
    await bed.plain.query('DROP TABLE moved, nudge');
  });

  it('wakes the relay after what is committed, and not after what is rolled back', async () => {
    const client = await bed.client();
    const { capturing } = bed;
    const woken = async (...texts: string[]): Promise<number> => {
      const before = capturing.writes;
      for (const text of texts) await client.query(text);
      return capturing.writes - before;
    };
    const update = 'UPDATE people SET name = name || 1';
    expect(await woken(update)).toBe(1);
    expect(await woken('BEGIN', update, update)).toBe(0);
    expect(await woken('COMMIT')).toBe(1);
    expect(await woken('BEGIN', update, 'ROLLBACK')).toBe(0);
    expect(await woken('SELECT 1', 'BEGIN', 'COMMIT')).toBe(0);
    await bed.take();
  });
});
