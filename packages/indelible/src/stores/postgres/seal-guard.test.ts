import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { someEntries } from '../../../test/entries.js';
import { openTrail, type PostgresTrail } from '../../../test/postgres-trail.js';
import { postgresServers } from '../../../test/servers/postgres.js';
import { Sealed, sealNext } from '../../testing/seal-log/sealed.js';
import { PostgresStore } from './postgres-store.js';

const TABLES = ['indelible_seal', 'indelible_node', 'indelible_checkpoint'];

/** Every statement that would change or remove what is sealed, in each of the ways PostgreSQL offers. */
const STATEMENTS = [
  `UPDATE indelible_seal SET hashes = hashes`,
  `UPDATE indelible_seal SET ids = (SELECT array_agg(gen_random_uuid()) FROM unnest(ids))`,
  `UPDATE indelible_node SET hash = sha256('x')`,
  `UPDATE indelible_checkpoint SET note = 'x'`,
  `INSERT INTO indelible_checkpoint SELECT * FROM indelible_checkpoint ON CONFLICT (place) DO UPDATE SET note = 'x'`,
  `MERGE INTO indelible_node AS n USING indelible_node AS m ON n.index = m.index WHEN MATCHED THEN DELETE`,
  ...TABLES.flatMap((table) => [`DELETE FROM ${table}`, `TRUNCATE ${table}`]),
];
const CLEAR = /^indelible_(seal|node|checkpoint) is append-only: (UPDATE|DELETE|TRUNCATE) is refused\./;

describe.each(postgresServers())('the guard of the log on $name', (server) => {
  let trail: PostgresTrail;
  let before: unknown;

  beforeAll(async () => {
    trail = await openTrail(server, { roles: true });
    const log = new PostgresStore({ connectionString: trail.url });
    await trail.store.append(someEntries(300));
    await sealNext(log, new Sealed(), 300);
    await log.close();
    before = await everything(trail.client);
  });
  afterAll(() => trail.close());

  it.each(STATEMENTS)('P43: refuses a superuser %s', async (statement) => {
    await expect(trail.client.query(statement)).rejects.toThrow(CLEAR);
    expect(await everything(trail.client)).toEqual(before);
  });

  it.each(STATEMENTS)('P43: refuses a superuser who switches ordinary triggers off %s', async (statement) => {
    const attempt = trail.client.query(`BEGIN; SET LOCAL session_replication_role = replica; ${statement}`);
    await expect(attempt).rejects.toThrow(CLEAR);
    await trail.client.query('ROLLBACK');
    expect(await everything(trail.client)).toEqual(before);
  });

  it.each(STATEMENTS)('P43: refuses the owner of the tables %s', async (statement) => {
    await expect(trail.client.query(`SET ROLE indelible_owner; ${statement}`)).rejects.toThrow(CLEAR);
    await trail.client.query('RESET ROLE');
    expect(await everything(trail.client)).toEqual(before);
  });

  it.each([
    [`hashes of another length`, `$first, $id, $id, 1, ARRAY[$id], '\\x00'`],
    ['fewer ids than it says', `$first, $id, $id, 2, ARRAY[$id], sha256('') || sha256('')`],
    ['no leaf at all', `$first, $id, $id, 0, '{}', ''`],
    ['a place that is taken', `0, $id, $id, 1, ARRAY[$id], sha256('')`],
  ])('refuses a run with %s', async (_, values) => {
    const row = values
      .replace('$first', '300')
      .replaceAll('$id', `'01936b1e-0000-7000-8000-000000000000'::uuid`);
    await expect(trail.client.query(`INSERT INTO indelible_seal VALUES (${row})`)).rejects.toMatchObject({
      code: expect.stringMatching(/^(23514|23505)$/),
    });
    expect(await everything(trail.client)).toEqual(before);
  });
});

async function everything(client: Client): Promise<unknown> {
  const tables = await Promise.all(TABLES.map((table) => client.query(`SELECT * FROM ${table}`)));
  expect(tables.map(({ rows }) => rows.length)).toEqual([1, 1, 1]);
  return tables.map(({ rows }) => rows);
}
