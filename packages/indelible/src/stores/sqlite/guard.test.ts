import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { someEntries } from '../../../test/entries.js';
import { openSqliteTrail, type SqliteTrail } from '../../../test/sqlite-trail.js';

const APPEND_ONLY = /append-only/;

describe('the guards of a SQLite trail', () => {
  let trail: SqliteTrail;
  let before: unknown;

  const contents = (): unknown => [
    trail.db.prepare('SELECT * FROM indelible_event ORDER BY seq').all(),
    trail.db.prepare('SELECT * FROM indelible_event_subject').all(),
  ];
  const run = (sql: string) => (): unknown => trail.db.exec(sql);

  beforeAll(async () => {
    trail = await openSqliteTrail();
    await trail.store.append(someEntries(3, () => ({ search: { subjects: ['s1', 's2'] } })));
  });
  beforeEach(() => {
    before = contents();
  });
  afterAll(() => trail.close());

  it.each([
    'UPDATE indelible_event SET action = action',
    "UPDATE indelible_event SET payload = '{}' WHERE seq = 2",
    'UPDATE indelible_event SET payload = NULL, salt = NULL',
    'UPDATE indelible_event SET seq = seq + 10',
    'UPDATE OR REPLACE indelible_event SET id = (SELECT id FROM indelible_event WHERE seq = 1) WHERE seq = 2',
    "UPDATE OR IGNORE indelible_event SET action = 'READ'",
    'DELETE FROM indelible_event',
    'DELETE FROM indelible_event WHERE seq = 1',
    'REPLACE INTO indelible_event SELECT * FROM indelible_event WHERE seq = 1',
    "INSERT INTO indelible_event SELECT * FROM indelible_event WHERE seq = 1 ON CONFLICT (id) DO UPDATE SET action = 'X'",
    "UPDATE indelible_event_subject SET subject_id = 'other'",
    "UPDATE OR REPLACE indelible_event_subject SET subject_id = 's2' WHERE subject_id = 's1'",
    'DELETE FROM indelible_event_subject',
    "DELETE FROM indelible_event_subject WHERE subject_id = 's1'",
    'REPLACE INTO indelible_event_subject SELECT * FROM indelible_event_subject LIMIT 1',
    "INSERT INTO indelible_event_subject SELECT * FROM indelible_event_subject WHERE true ON CONFLICT DO UPDATE SET subject_id = 'other'",
  ])('P43: refuse %s on any connection, and say why', (statement) => {
    expect(run(statement)).toThrow(APPEND_ONLY);
    expect(contents()).toEqual(before);
  });

  it.each([
    ['id', 'id = (SELECT id FROM indelible_event WHERE seq = 1)'],
    ['row number', 'seq = 1'],
  ])('P43: refuse INSERT OR REPLACE over an event with the same %s', (column) => {
    const values = { id: column === 'id' ? 'id' : 'randomblob(16)', seq: column === 'id' ? '99' : 'seq' };
    const replace = `INSERT OR REPLACE INTO indelible_event (seq, id, v, action, outcome, source, actor_type, payload_digest)
      SELECT ${values.seq}, ${values.id}, 1, 'FORGED', 'success', 'read', 'user', payload_digest FROM indelible_event WHERE seq = 1`;
    expect(run(replace)).toThrow(/already there and is never replaced/);
    expect(contents()).toEqual(before);
  });

  it('P43: hold within a transaction, with recursive triggers on or off', () => {
    for (const setting of ['ON', 'OFF']) {
      trail.db.pragma(`recursive_triggers = ${setting}`);
      expect(run('BEGIN; DELETE FROM indelible_event; COMMIT')).toThrow(APPEND_ONLY);
      trail.db.exec('ROLLBACK');
      expect(run('REPLACE INTO indelible_event SELECT * FROM indelible_event')).toThrow(APPEND_ONLY);
    }
    expect(contents()).toEqual(before);
  });

  it('P43: are not all: no foreign key leads out of the trail, along which a delete could come in', () => {
    for (const table of ['indelible_event', 'indelible_event_subject'])
      expect(trail.db.pragma(`foreign_key_list(${table})`)).toEqual([]);
  });

  it('never give a row number a second time', async () => {
    const last = trail.db
      .prepare('SELECT seq FROM sqlite_sequence WHERE name = ?')
      .pluck()
      .get('indelible_event');
    await trail.store.append(someEntries(1));
    expect(trail.db.prepare('SELECT max(seq) FROM indelible_event').pluck().get()).toBe(Number(last) + 1);
  });

  it('are missed when they are gone, and told apart from others of their name', async () => {
    const other = await openSqliteTrail();
    expect(await other.store.check()).toEqual([]);
    other.db.exec(
      'DROP TRIGGER indelible_event_guard_delete; DROP TRIGGER indelible_event_subject_guard_update',
    );
    other.db.exec(
      'CREATE TRIGGER indelible_event_guard_delete BEFORE DELETE ON indelible_event BEGIN SELECT 1; END',
    );
    expect(await other.store.check()).toEqual([
      {
        severity: 'error',
        message: expect.stringMatching(
          /indelible_event_guard_delete is not the one that was made in .*schema\.sql/,
        ),
      },
      {
        severity: 'error',
        message: expect.stringContaining('indelible_event_subject_guard_update is missing'),
      },
    ]);
    await other.close();
  });
});
