import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { someEntries } from '../../../test/entries.js';
import { openSqliteTrail, type SqliteTrail } from '../../../test/sqlite-trail.js';
import { Sealed, sealAll, sealNext } from '../../testing/seal-log/sealed.js';
import { SqliteStore } from './sqlite-store.js';

const REFUSED = /append-only|only ever moves on/;
const TABLES = ['seal', 'node', 'checkpoint', 'head'];
const HASH = 'zeroblob(32)';

describe('the guards of the log in a SQLite trail', () => {
  let trail: SqliteTrail;
  let store: SqliteStore;
  let before: unknown;

  const contents = (): unknown =>
    TABLES.map((table) => trail.db.prepare(`SELECT * FROM indelible_${table}`).all());
  const run = (sql: string) => (): unknown => trail.db.exec(sql);

  beforeAll(async () => {
    trail = await openSqliteTrail();
    store = new SqliteStore({ path: trail.path });
    await store.append(someEntries(300));
    await sealAll(store, new Sealed(), 100);
  });
  beforeEach(() => {
    before = contents();
  });
  afterAll(async () => {
    await store.close();
    await trail.close();
  });

  it.each([
    'UPDATE indelible_seal SET hashes = hashes',
    `UPDATE indelible_seal SET hashes = zeroblob(3200) WHERE first_index = 100`,
    'UPDATE OR REPLACE indelible_seal SET first_index = 0 WHERE first_index = 100',
    'DELETE FROM indelible_seal',
    'DELETE FROM indelible_seal WHERE first_index = 200',
    'REPLACE INTO indelible_seal SELECT * FROM indelible_seal WHERE first_index = 200',
    'INSERT INTO indelible_seal SELECT * FROM indelible_seal WHERE true ON CONFLICT DO UPDATE SET size = 1',
    'INSERT INTO indelible_seal SELECT -100, 100, least_id, greatest_id, ids, hashes FROM indelible_seal WHERE first_index = 0',
    'INSERT INTO indelible_seal SELECT 150, 100, least_id, greatest_id, ids, hashes FROM indelible_seal WHERE first_index = 0',
    'INSERT INTO indelible_seal SELECT 301, 100, least_id, greatest_id, ids, hashes FROM indelible_seal WHERE first_index = 0',
    `UPDATE indelible_node SET hash = ${HASH}`,
    'UPDATE OR REPLACE indelible_node SET node_index = node_index',
    'DELETE FROM indelible_node',
    `REPLACE INTO indelible_node VALUES (1, 0, ${HASH})`,
    `INSERT INTO indelible_node VALUES (1, 0, ${HASH}) ON CONFLICT DO UPDATE SET hash = excluded.hash`,
    "UPDATE indelible_checkpoint SET note = 'forged'",
    'UPDATE indelible_checkpoint SET sealed_at = 0 WHERE place = 2',
    'DELETE FROM indelible_checkpoint',
    'DELETE FROM indelible_checkpoint WHERE place = 3',
    "REPLACE INTO indelible_checkpoint (place, size, note) VALUES (2, 7, 'forged')",
    'UPDATE indelible_head SET size = size - 1',
    'UPDATE indelible_head SET place = 0',
    'UPDATE indelible_head SET only = 2',
    'DELETE FROM indelible_head',
    `REPLACE INTO indelible_head VALUES (1, 0, ${HASH}, zeroblob(0), 0)`,
    `INSERT INTO indelible_head VALUES (2, 0, ${HASH}, zeroblob(0), 0)`,
  ])('P43: refuse %s on any connection, and say why', (statement) => {
    expect(run(statement)).toThrow(REFUSED);
    expect(contents()).toEqual(before);
  });

  it('let the log go on, and give no checkpoint the number of another', async () => {
    const leaves = await store.leaves(0, 1_000);
    await store.append(someEntries(5));
    let sealed = new Sealed().after(leaves.flatMap(({ entry }) => entry ?? []));
    for (let batch = 0; batch < 3; batch += 1) sealed = await sealNext(store, sealed, 5);
    const places = trail.db.prepare('SELECT place FROM indelible_checkpoint ORDER BY place').pluck().all();
    expect(places).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('are missed when they are gone', async () => {
    const other = await openSqliteTrail();
    const guards = TABLES.flatMap((table) =>
      ['update', 'delete', 'replace'].map((way) => `indelible_${table}_guard_${way}`),
    );
    for (const guard of guards) other.db.exec(`DROP TRIGGER ${guard}`);
    const found = (await other.store.check()).map(({ message }) => message);
    for (const guard of guards) expect(found).toContainEqual(expect.stringContaining(`${guard} is missing`));
    expect(found).toHaveLength(guards.length);
    await other.close();
  });

  it('leave a log without its head to say so', async () => {
    const other = await openSqliteTrail();
    other.db.exec('DROP TRIGGER indelible_head_guard_delete; DELETE FROM indelible_head');
    const log = new SqliteStore({ path: other.path });
    const damaged = { code: 'LOG_DAMAGED', message: expect.stringContaining('has no head') };
    for (const ask of [log.head(), log.pending(1), log.strays(1)])
      await expect(ask).rejects.toMatchObject(damaged);
    expect(await log.append(someEntries(1))).toEqual({ conflicts: [] });
    await log.close();
    await other.close();
  });
});
