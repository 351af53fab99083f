import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { CapturedDatabase } from '../../../../test/captured-database.js';
import { connect } from '../../../../test/postgres-trail.js';
import { postgresServers } from '../../../../test/servers/postgres.js';

const SCHEMA = `
CREATE TABLE clinics (id int PRIMARY KEY, name text);
CREATE TABLE patients (id int PRIMARY KEY, clinic_id int REFERENCES clinics ON DELETE CASCADE, name text);
CREATE TABLE visits (id int PRIMARY KEY, patient_id int REFERENCES patients ON DELETE CASCADE,
  room int DEFAULT 1, clinic_id int REFERENCES clinics ON DELETE CASCADE, note text);
CREATE TABLE letters (id int PRIMARY KEY, visit_id int REFERENCES visits ON DELETE CASCADE,
  about int REFERENCES patients ON DELETE SET NULL, by int DEFAULT 0 REFERENCES patients ON DELETE SET DEFAULT);
CREATE TABLE folders (id int PRIMARY KEY, parent int REFERENCES folders ON DELETE CASCADE, name text);
CREATE TABLE papers (id int PRIMARY KEY, folder int REFERENCES folders ON DELETE CASCADE);
CREATE TABLE staff (id int PRIMARY KEY, boss int REFERENCES staff ON DELETE SET NULL);
CREATE TABLE codes (code text PRIMARY KEY);
CREATE TABLE coded (id int PRIMARY KEY, code text REFERENCES codes ON UPDATE CASCADE);
CREATE TABLE parted (id int, k int, PRIMARY KEY (id, k)) PARTITION BY LIST (k);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
CREATE TABLE parts (id int PRIMARY KEY, parted_id int, k int,
  FOREIGN KEY (parted_id, k) REFERENCES parted ON DELETE CASCADE);
CREATE TABLE hens (id int PRIMARY KEY, egg int);
CREATE TABLE eggs (id int PRIMARY KEY, hen int REFERENCES hens ON DELETE CASCADE);
ALTER TABLE hens ADD FOREIGN KEY (egg) REFERENCES eggs ON DELETE CASCADE;
`;
const ROWS = `ROLLBACK;
TRUNCATE clinics, patients, visits, letters, folders, papers, staff, codes, coded, parted, parts;
INSERT INTO clinics VALUES (1, 'one'), (2, 'two');
INSERT INTO patients VALUES (0, NULL, 'nobody'), (1, 1, 'ana'), (2, 1, 'bo'), (3, 2, 'cy'), (4, NULL, 'di');
INSERT INTO visits VALUES (1, 1, 5, 1, 'a'), (2, 1, 6, 2, 'b'), (3, 3, 7, 1, 'c'), (4, 4, 8, NULL, 'd');
INSERT INTO letters VALUES (1, 1, NULL, 0), (2, 3, NULL, 0), (3, 4, 0, 0), (4, NULL, 4, 1), (5, NULL, 1, 0), (6, NULL, 2, 2);
INSERT INTO folders VALUES (1, NULL, 'top'), (2, 1, 'a'), (3, 2, 'b'), (4, 1, 'c'), (5, 5, 'loop'), (6, NULL, 'x');
INSERT INTO papers VALUES (1, 1), (2, 3), (3, 6), (4, 5);
INSERT INTO staff VALUES (1, NULL), (2, 1), (3, 1), (4, 2), (5, 5);
INSERT INTO codes VALUES ('a'), ('b'); INSERT INTO coded VALUES (1, 'a');
INSERT INTO parted VALUES (1, 1), (2, 1); INSERT INTO parts VALUES (1, 1, 1), (2, 2, 1);
TRUNCATE truth, indelible_outbox;
`;

describe.each(postgresServers())('a DELETE with what goes with it on $name', (server) => {
  let database: CapturedDatabase;

  beforeAll(async () => {
    database = await CapturedDatabase.open(server, SCHEMA);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await database.client.query(ROWS);
    for (const name of Object.keys(database.rules)) delete database.rules[name];
    await database.load();
  });

  it.each([
    'DELETE FROM clinics WHERE id = 1',
    'DELETE FROM clinics',
    'DELETE FROM patients WHERE id = 1 RETURNING *',
    'DELETE FROM patients p WHERE p.id > 0 RETURNING p.name',
    'DELETE FROM visits WHERE id = 1',
    'DELETE FROM folders WHERE id = 1',
    'DELETE FROM folders WHERE id IN (1, 2, 5)',
    'DELETE FROM folders',
    'DELETE FROM staff WHERE id = 1',
    'DELETE FROM staff WHERE id IN (1, 2, 5)',
    'DELETE FROM parted WHERE id = 1',
    'DELETE FROM parted_1',
    'DELETE FROM papers WHERE id = 77',
  ])('%s', async (text) => {
    const { plan } = await database.run(text);
    expect(plan.kind).toBe('rewritten');
    const { captured, truth } = await database.compare();
    expect(captured).toEqual(truth);
  });

  it('passes over tables that are not captured, and not over what goes with them', async () => {
    database.rules['patients'] = { untracked: true };
    await database.load();
    await database.run('DELETE FROM clinics WHERE id = 1');
    const first = await database.compare();
    expect(first.captured).toEqual(first.truth);
    expect((await database.run('DELETE FROM patients WHERE id = 4')).rowCount).toBe(1);
    const second = await database.compare();
    expect(second.captured).toEqual(second.truth);
    expect(second.captured.map(({ model }) => model)).toContain('visits');
  });

  it('tells a row that both loses a reference and goes as the row it was', async () => {
    await database.client.query('UPDATE letters SET about = 1, by = 1 WHERE id = 1; TRUNCATE truth');
    await database.run('DELETE FROM patients WHERE id = 1');
    const { captured } = await database.compare();
    expect(captured.filter(({ model, before }) => model === 'letters' && before?.['id'] === 1)).toEqual([
      { op: 'DELETE', model: 'letters', key: ['id'], before: { id: 1, visit_id: 1, about: 1, by: 1 } },
    ]);
  });

  it('tells what it cannot follow', async () => {
    const circle = await database.run('DELETE FROM hens WHERE id = 1');
    expect(circle.plan).toMatchObject({ kind: 'told', models: ['hens'], reason: /circle/ });
  });

  it('reads a child as it is when the DELETE gets it, and not as it was when that began', async () => {
    const other = await connect(database.url);
    try {
      await other.query(`BEGIN; UPDATE visits SET note = 'late' WHERE id = 1`);
      const deleting = database.run('DELETE FROM patients WHERE id = 1');
      await new Promise((resolve) => setTimeout(resolve, 200));
      await other.query('COMMIT');
      await deleting;
    } finally {
      await other.end();
    }
    await database.client.query(`DELETE FROM truth WHERE op = 'UPDATE' AND model = 'visits'`);
    const { captured, truth } = await database.compare();
    expect(captured).toEqual(truth);
  });
});
