import pg from 'pg';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { PgBed } from '../../../../test/capture/pg-bed.js';
import { postgresServers } from '../../../../test/servers/postgres.js';

const SCHEMA = 'CREATE TABLE people (id int PRIMARY KEY, name text)';
const ROWS = "TRUNCATE people; INSERT INTO people SELECT n, 'name ' || n FROM generate_series(1, 5) n";
const COUNTED = "UPDATE people SET name = 'x' WHERE id < 4";
const RETURNING = "UPDATE people SET name = 'x' WHERE id < 4 RETURNING id, upper(name)";
const ONE = 'UPDATE people SET name = $1 WHERE id = 2 RETURNING *';
const TEXTS = [
  COUNTED,
  RETURNING,
  'DELETE FROM people',
  "INSERT INTO people VALUES (9, 'z')",
  'SELECT * FROM people ORDER BY id',
];

describe.each(postgresServers())('reading an answer in parts on $name', (server) => {
  let bed: PgBed;
  let client: pg.Client;

  beforeAll(async () => {
    bed = await PgBed.open(server, SCHEMA);
    client = await bed.client();
  });
  afterAll(() => bed.close());
  beforeEach(async () => {
    await bed.plain.query(ROWS);
    await bed.take();
  });

  /** The same on the plain and on the capturing connection, on the same rows. */
  async function expectAlike(read: (on: pg.Client) => Promise<unknown>): Promise<unknown> {
    await bed.plain.query(ROWS);
    const plain = await read(bed.plain);
    await bed.plain.query(ROWS);
    const captured = await read(client);
    expect(captured).toEqual(plain);
    return plain;
  }

  it.each(TEXTS)('gives a cursor its rows, a few at a time: %s', async (text) => {
    for (const size of [1, 2, 3, 100]) {
      await expectAlike(async (on) => {
        const cursor = on.query(new Cursor(text));
        const parts: unknown[] = [];
        for (let rest = 10; rest > 0; rest -= 1) {
          parts.push(await cursor.read(size));
        }
        await cursor.close();
        const { command, rowCount, fields } = (cursor as unknown as { _result: pg.QueryResult })._result;
        return { parts, command, rowCount, fields };
      });
      await bed.plain.query(ROWS);
    }
  });

  it('captures everything when a cursor is closed after its first row', async () => {
    const cursor = client.query(new Cursor(RETURNING));
    expect(await cursor.read(1)).toEqual([{ id: 1, upper: 'X' }]);
    await cursor.close();
    expect(await bed.taken()).toEqual(['UPDATE people', 'UPDATE people', 'UPDATE people']);
    expect(await client.query('SELECT 1 AS one')).toMatchObject({ rows: [{ one: 1 }] });
  });

  it('captures nothing when a cursor is closed before its first row, as nothing is written', async () => {
    for (const text of [
      RETURNING,
      'MERGE INTO people p USING (SELECT 1 AS id) s ON s.id = p.id WHEN MATCHED THEN DELETE',
    ]) {
      const cursor = client.query(new Cursor(text));
      await cursor.close();
    }
    expect(await bed.taken()).toEqual([]);
  });

  it('gives a cursor that fails its error, and goes on', async () => {
    const failing = async (on: pg.Client): Promise<unknown> => {
      const cursor = on.query(new Cursor('UPDATE people SET id = $1 WHERE id = 2', [1]));
      const error: unknown = await cursor.read(5).catch((problem: unknown) => problem);
      const { rows } = await on.query('SELECT count(*)::int AS n FROM people');
      const { code, constraint, detail } = error as pg.DatabaseError;
      return { code, constraint, detail, rows };
    };
    await expectAlike(failing);
    expect(bed.capturing.failures.at(-1)).toMatchObject({ op: 'UPDATE', model: 'people' });
  });

  it('gives a stream its rows', async () => {
    for (const text of TEXTS) {
      await expectAlike(async (on) => {
        const rows: unknown[] = [];
        for await (const row of on.query(new QueryStream(text, [], { batchSize: 2 }))) rows.push(row);
        return rows;
      });
      await bed.plain.query(ROWS);
    }
  });

  it('tells a statement that is read by a cursor', async () => {
    const cursor = client.query(new Cursor('WITH w AS (DELETE FROM people RETURNING id) SELECT * FROM w'));
    expect(await cursor.read(2)).toHaveLength(2);
    await cursor.close();
    await client.query('SELECT 1');
    expect(await bed.taken()).toEqual(['STATEMENT WITH null']);
  });

  it('tells it also when the connection is ended directly after the cursor', async () => {
    const other = await bed.client();
    const cursor = other.query(new Cursor('WITH w AS (DELETE FROM people RETURNING id) SELECT * FROM w'));
    await cursor.read(1);
    await cursor.close();
    await other.end();
    expect(await bed.taken()).toEqual(['STATEMENT WITH null']);
  });

  it('tells listeners of rows and of the end', async () => {
    for (const text of TEXTS) {
      await expectAlike(
        (on) =>
          new Promise((resolve, reject) => {
            const seen: unknown[] = [];
            const query = on.query(new pg.Query(text));
            query.on('row', (row: unknown) => seen.push(row));
            query.on('error', reject);
            query.on('end', ({ command, rowCount, rows, fields }) =>
              resolve({ seen, command, rowCount, rows, fields }),
            );
          }),
      );
    }
  });

  it('reads by portal where the number of rows is limited', async () => {
    for (const [text, values] of [[COUNTED], [RETURNING], [ONE, ['y']]] as [string, unknown[]?][]) {
      for (const rows of [1, 2, 10])
        await expectAlike(async (on) => {
          const { command, rowCount, rows: found } = await on.query({ text, values, rows } as pg.QueryConfig);
          return { command, rowCount, found };
        });
    }
  });

  it('reads a query object with a callback, and one given beside it', async () => {
    await expectAlike(
      (on) =>
        new Promise((resolve, reject) => {
          const query = new pg.Query(ONE, ['q'], (error: unknown, result: pg.QueryResult) =>
            error ? reject(error) : resolve([result.command, result.rowCount, result.rows]),
          );
          on.query(query);
        }),
    );
  });

  it('refuses what is no query in the words of the driver', async () => {
    const messages = [bed.plain, client].map((on) =>
      [
        (): unknown => on.query(null as never),
        (): unknown => on.query('SELECT 1', [], 'no callback' as never),
      ].map((ask) => {
        try {
          ask();
        } catch (error) {
          return String(error);
        }
        return 'nothing';
      }),
    );
    expect(messages[1]).toEqual(messages[0]);
    const odd = [{}, { text: 5 }, { text: COUNTED, values: 'x' }, { name: 'unknown' }];
    for (const config of odd) {
      const errors = await Promise.all(
        [bed.plain, client].map((on) => (on.query(config as never) as Promise<unknown>).catch(String)),
      );
      expect(errors[1]).toEqual(errors[0]);
    }
  });
});
