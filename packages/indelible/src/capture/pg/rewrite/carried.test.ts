import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { CapturedDatabase } from '../../../../test/captured-database.js';
import { postgresServers } from '../../../../test/servers/postgres.js';

const SCHEMA = `
CREATE TABLE users (id int PRIMARY KEY, email text UNIQUE, name text);
CREATE TABLE visits (id int PRIMARY KEY, user_id int REFERENCES users ON UPDATE CASCADE,
  seen_by int REFERENCES users ON UPDATE CASCADE, note text);
CREATE TABLE letters (email text REFERENCES users (email) ON UPDATE CASCADE, n int, PRIMARY KEY (email, n));
CREATE TABLE stamps (email text, n int, FOREIGN KEY (email, n) REFERENCES letters ON UPDATE CASCADE, at int PRIMARY KEY);
CREATE TABLE plans (id int PRIMARY KEY, boss int REFERENCES plans ON UPDATE CASCADE);
CREATE TABLE rooms (id int PRIMARY KEY);
CREATE TABLE beds (id int PRIMARY KEY, room int REFERENCES rooms ON UPDATE SET NULL);
`;
const ROWS = `TRUNCATE users, visits, letters, stamps, plans, rooms, beds, truth, indelible_outbox;
INSERT INTO users VALUES (1, 'a@x', 'ana'), (2, 'b@x', 'bo'), (3, NULL, 'cy');
INSERT INTO visits VALUES (1, 1, 2, 'a'), (2, 1, 1, 'b'), (3, 2, NULL, 'c');
INSERT INTO letters VALUES ('a@x', 1), ('a@x', 2); INSERT INTO stamps VALUES ('a@x', 1, 9);
INSERT INTO plans VALUES (1, 1); INSERT INTO rooms VALUES (1); INSERT INTO beds VALUES (1, 1);
TRUNCATE truth, indelible_outbox;
`;

describe.each(postgresServers())('an UPDATE that names a key on $name', (server) => {
  let database: CapturedDatabase;

  beforeAll(async () => {
    database = await CapturedDatabase.open(server, SCHEMA);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await database.client.query(ROWS);
    database.rules['stamps'] = { untracked: true };
    database.failsClosed.clear();
    await database.load();
  });

  it.each([
    "UPDATE users SET id = 1, name = 'ana maria' WHERE id = 1",
    'UPDATE users SET id = id, name = name',
    'UPDATE users SET id = 11 WHERE id = 1 RETURNING name',
    'UPDATE users SET id = id + 10 RETURNING *',
    "UPDATE users AS u SET id = $1, email = 'z@x' WHERE u.id = $2",
    "UPDATE users SET email = 'c@x' WHERE id = 3",
  ])('P9: tells what follows the key, and nothing where it stays: %s', async (text) => {
    const params = text.includes('$1') ? [21, 1] : [];
    const { plan } = await database.run(text, params);
    expect(plan.kind).toBe('rewritten');
    const { captured, truth } = await database.compare();
    expect(captured).toEqual(truth);
  });

  it('is refused with a broken outbox when only what follows fails closed', async () => {
    database.failsClosed.add('visits');
    await database.load();
    await database.client.query('BEGIN; DROP TABLE indelible_outbox CASCADE');
    await expect(database.run('UPDATE users SET id = 11 WHERE id = 1')).rejects.toThrow('indelible_outbox');
    await database.client.query('ROLLBACK');
  });

  it.each([
    ['UPDATE plans SET id = 2', 'points at itself'],
    ['UPDATE rooms SET id = 2', 'cleared'],
  ])('is told where one step is not enough: %s', async (text, reason) => {
    const { plan } = await database.run(text);
    expect(plan).toMatchObject({ kind: 'told', reason: expect.stringContaining(reason) as string });
  });

  it('is told where what follows is itself followed', async () => {
    delete database.rules['stamps'];
    await database.load();
    const { plan } = await database.run("UPDATE users SET email = 'q@x' WHERE id = 1");
    expect(plan).toMatchObject({ kind: 'told', reason: expect.stringContaining('beyond') as string });
  });
});
