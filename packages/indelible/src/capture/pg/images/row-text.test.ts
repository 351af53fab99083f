import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { CapturedDatabase, type Rules } from '../../../../test/captured-database.js';
import { postgresServers } from '../../../../test/servers/postgres.js';
import type { RowChange } from '../../row-change.js';

const SCHEMA = `
CREATE TABLE clinics (id int PRIMARY KEY, code text);
CREATE TABLE patients (id int PRIMARY KEY, name text, secret text, updated_at int, owner text,
  clinic_id int REFERENCES clinics);
CREATE TABLE visits (id int PRIMARY KEY, "patientId" int REFERENCES patients ON DELETE CASCADE, note text);
CREATE TABLE bills (id int PRIMARY KEY, visit int REFERENCES visits ON DELETE CASCADE, amount numeric(8, 2));
CREATE TABLE hidden (secret text PRIMARY KEY, a int);
`;
const ROWS = `
TRUNCATE clinics, patients, visits, bills, hidden;
INSERT INTO clinics VALUES (1, 'north "1"');
INSERT INTO patients VALUES (1, 'ana', 's1', 1, 'o', 1), (2, NULL, NULL, NULL, NULL, NULL);
INSERT INTO visits VALUES (1, 1, 'a'), (2, 2, 'b'), (3, NULL, 'c');
INSERT INTO bills VALUES (1, 1, 5), (2, NULL, 6);
INSERT INTO hidden VALUES ('x', 1);
TRUNCATE truth, indelible_outbox;
`;

describe.each(postgresServers())('the text of a change on $name', (server) => {
  let database: CapturedDatabase;

  beforeAll(async () => {
    database = await CapturedDatabase.open(server, SCHEMA);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await database.client.query(ROWS);
    database.warnings.length = 0;
    for (const name of Object.keys(database.rules)) delete database.rules[name];
  });

  async function captured(text: string, rules: Record<string, Rules> = {}): Promise<RowChange[]> {
    Object.assign(database.rules, rules);
    await database.load();
    await database.run(text);
    return database.captured();
  }

  it('leaves excluded columns in the table and hides the values of hidden ones', async () => {
    const rules = { patients: { excluded: ['owner'], hidden: ['secret'] } };
    const inserted = await captured(`INSERT INTO patients (id, secret, owner) VALUES (3, 's', 'o')`, rules);
    expect(inserted[0]?.after).toEqual({
      id: 3,
      name: null,
      secret: 1,
      updated_at: null,
      clinic_id: null,
    });
    await database.run(`UPDATE patients SET secret = 's2', owner = 'p', name = name WHERE id = 1`);
    await database.run(`UPDATE patients SET secret = 's2', owner = 'q' WHERE id = 1`);
    await database.run(
      `INSERT INTO patients (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET secret = 's3', owner = NULL, name = 'n'`,
    );
    await database.run('DELETE FROM patients WHERE id = 3');
    const [, updated, upserted, deleted] = await database.captured();
    expect(updated).toMatchObject({ before: { id: 1, secret: 0 }, after: { secret: 1 } });
    expect(upserted).toEqual({
      op: 'UPDATE',
      model: 'patients',
      key: ['id'],
      before: { id: 1, name: 'ana', secret: 0 },
      after: { name: 'n', secret: 1 },
    });
    expect(deleted?.before).toEqual({ id: 3, name: null, secret: 0, updated_at: null, clinic_id: null });
  });

  it('does not count ignored columns in an update, and keeps what the model keeps', async () => {
    const rules = { patients: { ignored: ['updated_at'], kept: ['name', 'owner'] } };
    expect(await captured('UPDATE patients SET updated_at = 9', rules)).toEqual([]);
    await database.run(`UPDATE patients SET updated_at = 10, secret = 'new' WHERE id = 1`);
    expect(await database.captured()).toEqual([
      {
        op: 'UPDATE',
        model: 'patients',
        key: ['id'],
        before: { id: 1, name: 'ana', owner: 'o', secret: 's1' },
        after: { secret: 'new' },
      },
    ]);
  });

  it('names no record by a key that is not to be seen', async () => {
    const changes = await captured(`UPDATE hidden SET a = 2`, { hidden: { hidden: ['secret'] } });
    expect(changes).toEqual([{ op: 'UPDATE', model: 'hidden', key: [], before: { a: 1 }, after: { a: 2 } }]);
    expect(database.warnings[0]).toMatch(/column secret in its key/);
  });

  it('finds subject and tenant by foreign keys, however written, also of rows that go together', async () => {
    const rules: Record<string, Rules> = {
      patients: { subject: ['id'], tenant: ['clinic', 'code'] },
      visits: { subject: ['patient', 'id'], tenant: ['patientId', 'clinic_id', 'code'] },
      bills: { subject: ['visit', 'patientId'], tenant: ['visit', 'patient', 'clinic', 'code'] },
    };
    const owned = (changes: readonly RowChange[]): unknown[] =>
      changes.map(({ op, model, subject, tenant }) => [op, model, subject, tenant]);
    expect(
      owned(await captured(`INSERT INTO bills VALUES (3, 1, 1), (4, 2, 1), (5, NULL, 1)`, rules)),
    ).toEqual([
      ['INSERT', 'bills', '1', 'north "1"'],
      ['INSERT', 'bills', '2', null],
      ['INSERT', 'bills', null, null],
    ]);
    await database.client.query('TRUNCATE indelible_outbox');
    await database.run('UPDATE visits SET note = note || id');
    await database.run('DELETE FROM patients WHERE id = 1');
    expect(owned(await database.captured())).toEqual([
      ['UPDATE', 'visits', '1', 'north "1"'],
      ['UPDATE', 'visits', '2', null],
      ['UPDATE', 'visits', null, null],
      ['DELETE', 'patients', '1', 'north "1"'],
      ['DELETE', 'visits', '1', 'north "1"'],
      ['DELETE', 'bills', '1', 'north "1"'],
      ['DELETE', 'bills', '1', 'north "1"'],
    ]);
    expect(database.warnings).toEqual([]);
  });

  it('leaves out a subject that the foreign keys do not lead to, and says so', async () => {
    const rules = { bills: { subject: ['visit', 'room', 'name'], tenant: ['nothing'] } };
    const [change] = await captured('UPDATE bills SET amount = 7 WHERE id = 1', rules);
    expect(change).toEqual({
      op: 'UPDATE',
      model: 'bills',
      key: ['id'],
      before: { id: 1, amount: '5.00' },
      after: { amount: '7.00' },
    });
    expect(database.warnings).toEqual([
      'The subject of bills cannot be found from the table bills by visit.room.name.',
      'The tenant of bills cannot be found from the table bills by nothing.',
    ]);
  });
});
