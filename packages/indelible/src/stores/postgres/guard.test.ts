import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { someEntries } from '../../../test/entries.js';
import { openTrail, type PostgresTrail } from '../../../test/postgres-trail.js';
import { postgresServers } from '../../../test/servers/postgres.js';

const THIS_MONTH = `indelible_event_${new Date().toISOString().slice(0, 7).replace('-', '_')}`;

/** Every statement that would change or remove an event, in each of the ways PostgreSQL offers. */
const STATEMENTS = [
  `UPDATE indelible_event SET action = 'READ'`,
  `UPDATE indelible_event SET payload = NULL, salt = NULL`,
  `UPDATE indelible_event SET id = '00000000-0000-7000-8000-000000000000'`,
  `DELETE FROM indelible_event`,
  `TRUNCATE indelible_event`,
  `TRUNCATE ONLY ${THIS_MONTH}`,
  `TRUNCATE indelible_event_default`,
  `UPDATE ${THIS_MONTH} SET action = 'READ'`,
  `DELETE FROM ${THIS_MONTH}`,
  `INSERT INTO indelible_event SELECT * FROM indelible_event ON CONFLICT (id) DO UPDATE SET action = 'READ'`,
  `MERGE INTO indelible_event AS e USING indelible_event AS f ON e.id = f.id WHEN MATCHED THEN DELETE`,
  `UPDATE indelible_event_subject SET subject_id = 'p2'`,
  `DELETE FROM indelible_event_subject`,
  `TRUNCATE indelible_event_subject`,
] as const;

const TABLE = /indelible_event(_subject)?/;
const CLEAR =
  /^indelible_event(_subject)? is append-only: (UPDATE|DELETE|TRUNCATE) is refused\. .*retention \(audit\.retention\.purge\(\)\) or erasure \(audit\.eraseSubject\(\)\)/;

describe.each(postgresServers())('the guard on $name', (server) => {
  let trail: PostgresTrail;
  let before: unknown;

  beforeAll(async () => {
    trail = await openTrail(server, { roles: true });
    await trail.store.append(someEntries(3, () => ({ search: { subjects: ['p1'] } })));
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

  it.each(STATEMENTS)('P43: gives the writer no right to %s', async (statement) => {
    const writer = await trail.clientAs('GRANT indelible_writer TO $role');
    await expect(writer.query(statement)).rejects.toMatchObject({
      code: '42501',
      message: expect.stringMatching(TABLE),
    });
    expect(await everything(trail.client)).toEqual(before);
  });

  it('P43: lets no foreign key of the application cascade into the trail', async () => {
    await trail.client.query(`CREATE TABLE patient (id text PRIMARY KEY); INSERT INTO patient VALUES ('p1')`);
    const cascade = `ALTER TABLE indelible_event_subject ADD FOREIGN KEY (subject_id) REFERENCES patient ON DELETE CASCADE`;
    await trail.client.query(cascade);
    await expect(trail.client.query('DELETE FROM patient')).rejects.toThrow(CLEAR);
    expect(await everything(trail.client)).toEqual(before);
  });
});

async function everything(client: Client): Promise<unknown> {
  const events = await client.query('SELECT * FROM indelible_event ORDER BY id');
  const subjects = await client.query('SELECT * FROM indelible_event_subject ORDER BY 1, 2, 3');
  expect([events.rows.length, subjects.rows.length]).toEqual([3, 3]);
  return [events.rows, subjects.rows];
}
