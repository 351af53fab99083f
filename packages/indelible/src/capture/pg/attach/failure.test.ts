import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { PgBed } from '../../../../test/capture/pg-bed.js';
import { postgresServers } from '../../../../test/servers/postgres.js';

const SCHEMA = `CREATE TABLE people (id int PRIMARY KEY, name text CHECK (name <> 'bad'), age int);
CREATE FUNCTION strict() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF new.name = 'raise' THEN RAISE 'not this one'; END IF;
  IF new.name = 'typo' THEN EXECUTE 'SELECT no_such_column'; END IF; RETURN new; END $$;
CREATE TRIGGER strict BEFORE INSERT OR UPDATE ON people FOR EACH ROW EXECUTE FUNCTION strict();`;

describe.each(postgresServers())('a failure on $name', (server) => {
  let bed: PgBed;

  beforeAll(async () => {
    bed = await PgBed.open(server, SCHEMA);
  });
  afterAll(() => bed.close());
  beforeEach(async () => {
    await bed.plain.query("DELETE FROM people; INSERT INTO people VALUES (1, 'a'), (2, 'b')");
    await bed.take();
    bed.capturing.failures.length = 0;
    bed.capturing.warnings.length = 0;
    bed.capturing.lostCauses.length = 0;
  });

  const failing = async (client: pg.Client, text: string, values?: unknown[]): Promise<pg.DatabaseError> =>
    client.query(text, values).then(
      () => Promise.reject(new Error('It went through.')),
      (error: unknown) => error as pg.DatabaseError,
    );

  it.each([
    ["UPDATE people SET name = 'bad' WHERE id = 1", '23514', 'UPDATE'],
    ["INSERT INTO people VALUES (1, 'again')", '23505', 'INSERT'],
    ['DELETE FROM people WHERE 1 / (id - 1) = 1', '22012', 'DELETE'],
    ["UPDATE people SET name = 'raise'", 'P0001', 'UPDATE'],
  ])('of the data is told once, outside of the transaction: %s', async (text, code, op) => {
    const client = await bed.client();
    const error = await bed.capturing.current.run('ana', () => failing(client, text));
    expect(error).toBeInstanceOf(pg.DatabaseError);
    expect(error).toMatchObject({ code, position: undefined });
    expect(bed.capturing.failures).toEqual([{ op, model: 'people', error, context: 'ana' }]);
    await client.query('BEGIN');
    expect(await failing(client, text)).toMatchObject({ code });
    expect(await failing(client, 'SELECT 1')).toMatchObject({ code: '25P02' });
    expect(await client.query('COMMIT')).toMatchObject({ command: 'ROLLBACK' });
    expect(bed.capturing.failures).toHaveLength(2);
    expect(await bed.taken()).toEqual([]);
  });

  it('of the moment is not told: cancelled by a time-out', async () => {
    const client = await bed.client();
    await client.query("SET statement_timeout = '100ms'");
    expect(await failing(client, 'UPDATE people SET age = 1 FROM pg_sleep(5)')).toMatchObject({
      code: '57014',
    });
    expect(bed.capturing.failures).toEqual([]);
  });

  it("of the user's own wording looks as it did, with its place", async () => {
    const client = await bed.client();
    for (const text of [
      'UPDATE people SET age = nowhere',
      'UPDATE people SET age = 1 WHERE no_function(id)',
    ]) {
      const [plain, captured] = [await failing(bed.plain, text), await failing(client, text)];
      expect(captured).toMatchObject({ code: plain.code, message: plain.message, position: plain.position });
    }
    expect(bed.capturing.lostCauses).toEqual([]);
    expect(await client.query('UPDATE people SET age = 1')).toMatchObject({ rowCount: 2 });
    expect(await bed.taken()).toEqual(['UPDATE people', 'UPDATE people']);
  });

  it("of the user's own wording inside a trigger keeps the text captured", async () => {
    const client = await bed.client();
    const text = 'UPDATE people SET name = $1 WHERE id = 1';
    expect(await failing(client, text, ['typo'])).toMatchObject({ code: '42703' });
    await client.query(text, ['fine']);
    expect(await bed.taken()).toEqual(['UPDATE people']);
  });

  it("of our wording is made good by the user's own text, told as a whole", async () => {
    const planner = { plan: broken };
    const planners = { planner: () => planner, count: () => Promise.resolve(1) };
    const client = await bed.client({}, { load: () => Promise.resolve(planners) });
    const text = 'UPDATE people SET age = 5';
    expect(await client.query(text)).toMatchObject({ command: 'UPDATE', rowCount: 2 });
    expect(await bed.taken()).toEqual(['STATEMENT UPDATE 2']);
    expect(bed.capturing.warnings.join()).toContain('UPDATE on people');
  });

  it('of our wording inside a transaction surfaces once, and with a warning', async () => {
    const planner = { plan: broken };
    const planners = { planner: () => planner, count: () => Promise.resolve(1) };
    const client = await bed.client({}, { load: () => Promise.resolve(planners) });
    await client.query('BEGIN');
    expect(await failing(client, 'UPDATE people SET age = 6')).toMatchObject({ code: '42703' });
    expect(bed.capturing.warnings).toHaveLength(1);
    await client.query('ROLLBACK');
    await client.query('BEGIN');
    expect(await client.query('UPDATE people SET age = 6')).toMatchObject({ rowCount: 2 });
    await client.query('COMMIT');
    expect(await bed.taken()).toEqual(['STATEMENT UPDATE 2']);
  });

  it("to answer in time is the driver's error, and the connection is as before", async () => {
    for (const text of [
      'UPDATE people SET age = 1 FROM pg_sleep(0.5)',
      'SELECT pg_sleep(0.5)',
      'TRUNCATE people; SELECT pg_sleep(0.5)',
    ]) {
      const client = await bed.client();
      const config = { text, query_timeout: 100 } as pg.QueryConfig;
      await expect(client.query(config)).rejects.toThrow('Query read timeout');
      expect(await client.query('SELECT 1 AS one')).toMatchObject({ rows: [{ one: 1 }] });
      await client.end();
    }
    expect(await bed.taken()).toEqual(['UPDATE people', 'UPDATE people', 'STATEMENT MULTIPLE null']);
    const client = await bed.client({ query_timeout: 100 });
    await expect(client.query('SELECT pg_sleep(0.5)')).rejects.toThrow('Query read timeout');
  });

  it("P11: of the connection in the middle is the driver's error for everything that waits", async () => {
    for (const text of [
      "UPDATE people SET name = 'x'",
      'SELECT 1',
      'TRUNCATE people',
      'CREATE TABLE never ()',
    ]) {
      const [plain, captured] = await Promise.all(
        [bed.plain, await bed.client()].map(async (on, index) => {
          const client = index === 0 ? new pg.Client({ connectionString: bed.url }) : on;
          client.on('error', () => undefined);
          if (index === 0) await client.connect();
          const gone = client.query('SELECT pg_terminate_backend(pg_backend_pid())');
          const outcomes = await Promise.allSettled([gone, client.query(text), client.query('SELECT 2')]);
          return outcomes.map((each) => (each.status === 'rejected' ? String(each.reason) : each.status));
        }),
      );
      expect(captured).toEqual(plain);
    }
    expect(bed.capturing.failures).toEqual([]);
  });

  it('P9: of an update whose rows got other keys meanwhile asks to try again, where it would be lost', async () => {
    await bed.plain.query(
      'CREATE TABLE places (id int PRIMARY KEY, n int); INSERT INTO places VALUES (1, 0), (2, 0)',
    );
    const client = await bed.client();
    await bed.plain.query('BEGIN; UPDATE places SET id = id + 10');
    const ending = client.query('UPDATE places SET n = n + 1 WHERE n = 0').then(
      ({ rowCount }) => rowCount,
      ({ code }: pg.DatabaseError) => code,
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    await bed.plain.query('COMMIT');
    expect(await ending).toBe(server.major < 18 ? '40001' : 2);
    const { rowCount } = await client.query('UPDATE places SET n = 7');
    expect(rowCount).toBe(2);
    await bed.plain.query('DROP TABLE places');
  });
});

/** A planner whose statements the server does not understand. */
function broken(text: string): never | { kind: 'passed'; definesTables: boolean } {
  if (!text.startsWith('UPDATE')) return { kind: 'passed', definesTables: false };
  return {
    kind: 'rewritten',
    text: 'SELECT no_such_column, $1',
    contextAt: 1,
    command: 'UPDATE',
    answer: 'count',
    hiddenColumns: 0,
    model: 'people',
  } as never;
}
