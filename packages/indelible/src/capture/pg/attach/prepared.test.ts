import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { PgBed } from '../../../../test/capture/pg-bed.js';
import { postgresServers } from '../../../../test/servers/postgres.js';

const UPDATE = 'UPDATE people SET name = $1 WHERE id = $2 RETURNING *';

describe.each(postgresServers())('prepared statements on $name', (server) => {
  let bed: PgBed;

  beforeAll(async () => {
    bed = await PgBed.open(server, 'CREATE TABLE people (id int PRIMARY KEY, name text)');
  });
  afterAll(() => bed.close());
  beforeEach(async () => {
    await bed.plain.query("DELETE FROM people; INSERT INTO people VALUES (1, 'a'), (2, 'b')");
    await bed.take();
  });

  const prepared = async (client: pg.Client): Promise<string[]> =>
    (await client.query<{ name: string }>('SELECT name FROM pg_prepared_statements ORDER BY 1')).rows.map(
      ({ name }) => name,
    );

  it("keep a name of the user's with a suffix, and are prepared once", async () => {
    const client = await bed.client();
    for (const name of ['x', 'y']) {
      const { rows } = await client.query({ name: 'change', text: UPDATE, values: [name, 1] });
      expect(rows).toEqual([{ id: 1, name }]);
    }
    expect(await prepared(client)).toEqual([expect.stringMatching(/^change~.{16}$/)]);
    expect(await bed.taken()).toEqual(['UPDATE people', 'UPDATE people']);
  });

  it('are prepared anew when their plan has changed', async () => {
    const client = await bed.client();
    const change = (): Promise<pg.QueryResult> =>
      client.query({ name: 'change', text: "UPDATE people SET name = 'c' RETURNING id", values: [] });
    await change();
    await client.query('ALTER TABLE people ADD COLUMN age int DEFAULT 4');
    await client.query("UPDATE people SET name = 'b'");
    await bed.take();
    await change();
    await client.query({ name: 'gone', text: 'DELETE FROM people', values: [] });
    expect((await bed.take()).at(-1)?.change).toMatchObject({ before: { age: 4 } });
    await client.query('ALTER TABLE people DROP COLUMN age');
    await client.query({ name: 'gone', text: 'DELETE FROM people', values: [] });
  });

  it('may be called by their name alone', async () => {
    const client = await bed.client();
    await client.query({ name: 'change', text: UPDATE, values: ['p', 1] });
    const again = await client.query({ name: 'change', values: ['q', 2] } as pg.QueryConfig);
    expect(again).toMatchObject({ command: 'UPDATE', rowCount: 1, rows: [{ id: 2, name: 'q' }] });
    expect(await bed.taken()).toEqual(['UPDATE people', 'UPDATE people']);
  });

  it('may not share a name, as before', async () => {
    const other = 'UPDATE people SET name = $1 RETURNING *';
    const errors = [bed.plain, await bed.client()].map(async (client) => {
      await client.query({ name: 'twice', text: UPDATE, values: ['p', 1] });
      return client
        .query({ name: 'twice', text: other, values: ['p'] })
        .catch((error: unknown) => String(error));
    });
    expect(await errors[1]).toBe(await errors[0]);
    expect(await errors[1]).toContain('must be unique');
  });

  it('are made of unnamed writes when that is asked for, and survive DISCARD ALL', async () => {
    const client = await bed.client({}, { prepare: true });
    for (let n = 0; n < 4; n += 1) {
      await client.query(UPDATE, [`n${n}`, 1]);
      if (n === 2) await client.query('DISCARD ALL');
    }
    expect(await prepared(client)).toEqual([expect.stringMatching(/^indelible_/)]);
    expect(await bed.taken()).toHaveLength(4);
  });

  it('do not fail when another program changes the columns of what they return', async () => {
    const client = await bed.client({}, { prepare: true });
    await client.query('UPDATE people SET name = $1 RETURNING *', ['m']);
    await bed.plain.query('ALTER TABLE people ADD COLUMN age int DEFAULT 4');
    const { rows } = await client.query('UPDATE people SET name = $1 WHERE id = 1 RETURNING *', ['n']);
    expect(rows).toEqual([{ id: 1, name: 'n', age: 4 }]);
    await bed.plain.query('ALTER TABLE people DROP COLUMN age');
  });

  it('are made by themselves of what is sent twice, where the server is reached directly', async () => {
    const client = await bed.client();
    for (const name of ['p', 'q', 'r']) {
      await client.query('UPDATE people SET name = $1 WHERE id = 1', [name]);
      await client.query('UPDATE people SET name = $1 WHERE id = 2 RETURNING *', [name]);
    }
    await client.query('UPDATE people SET name = $1', ['once']);
    expect(await prepared(client)).toEqual([expect.stringMatching(/^indelible_/)]);
    expect(await bed.taken()).toHaveLength(8);
  });

  it('P20: are not made by themselves behind a pooler, whose process is not the one that answers', async () => {
    const client = new (bed.module().Client)({ connectionString: bed.url });
    const pretend = ({ processID }: { processID: number }): void => {
      setImmediate(() => Object.assign(client, { processID: processID + 1 }));
      Object.assign(client, { processID: processID + 1 });
    };
    (client as unknown as { connection: { on(name: string, listener: unknown): void } }).connection.on(
      'backendKeyData',
      pretend,
    );
    await client.connect();
    for (const name of ['p', 'q', 'r'])
      await client.query('UPDATE people SET name = $1 WHERE id = 1', [name]);
    expect(await prepared(client)).toEqual([]);
    await client.end();
    expect(await bed.taken()).toHaveLength(3);
  });
});
