import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';

import { capturedDatabase, OUTBOX, takeChanges, TestCapturing } from '../../../test/capture/sqlite-bed.js';
import { somewhere } from '../../../test/sqlite-trail.js';
import { attachSqlite } from './attach-sqlite.js';

const T = 'CREATE TABLE t (id INTEGER PRIMARY KEY, a, b)';

describe('a change of tables', () => {
  const places: { remove(): void }[] = [];
  const file = (): string => {
    const place = somewhere('app.db');
    places.push(place);
    return place.path;
  };
  afterEach(() => {
    for (const place of places.splice(0)) place.remove();
  });

  it.each<[string, string[], object[]]>([
    [
      'a new table',
      ['CREATE TABLE n (id INTEGER PRIMARY KEY, x)', 'INSERT INTO n VALUES (1, 2)'],
      [{ id: 1, x: 2 }],
    ],
    [
      'a table made from another',
      ['CREATE TABLE n AS SELECT 5 AS x', 'INSERT INTO n VALUES (6)'],
      [{ rowid: 2, x: 6 }],
    ],
    [
      'a new column',
      ['ALTER TABLE t ADD COLUMN c DEFAULT 9', 'INSERT INTO t (id) VALUES (1)'],
      [{ id: 1, a: null, b: null, c: 9 }],
    ],
    [
      'a renamed column',
      ['ALTER TABLE t RENAME COLUMN a TO z', 'INSERT INTO t VALUES (1, 2, 3)'],
      [{ id: 1, z: 2, b: 3 }],
    ],
    ['a dropped column', ['ALTER TABLE t DROP COLUMN a', 'INSERT INTO t VALUES (1, 3)'], [{ id: 1, b: 3 }]],
    [
      'a renamed table',
      ['ALTER TABLE t RENAME TO u', 'INSERT INTO u VALUES (1, 2, 3)'],
      [{ id: 1, a: 2, b: 3 }],
    ],
    [
      'a table made again',
      ['DROP TABLE t', 'CREATE TABLE t (k TEXT PRIMARY KEY)', "INSERT INTO t VALUES ('x')"],
      [{ k: 'x' }],
    ],
    [
      'a table made anew in the way of SQLite',
      [
        'CREATE TABLE t2 (id INTEGER PRIMARY KEY, n)',
        'DROP TABLE t',
        'ALTER TABLE t2 RENAME TO t',
        'INSERT INTO t VALUES (1, 5)',
      ],
      [{ id: 1, n: 5 }],
    ],
  ])('is followed: %s, however it is sent, alone or in a transaction', (_, statements, afters) => {
    const ways: ((db: Database.Database) => void)[] = [
      (db) => statements.forEach((sql) => db.prepare(sql).run()),
      (db) => statements.forEach((sql) => db.exec(sql)),
      (db) => db.exec(statements.join(';')),
      (db) => db.transaction(() => statements.forEach((sql) => db.prepare(sql).run()))(),
      (db) => db.exec(`BEGIN; ${statements.join(';\n-- next\n')};\nCOMMIT`),
    ];
    for (const way of ways) {
      const db = capturedDatabase(T);
      way(db);
      expect(takeChanges(db).map(({ after }) => after)).toEqual(afters);
    }
  });

  it('is followed when it came from another connection, also for statements that were prepared before', () => {
    const path = file();
    const db = capturedDatabase(T, new TestCapturing(), path);
    const other = new Database(path);
    const insert = db.prepare('INSERT INTO t (id) VALUES (?)');
    const update = db.prepare('UPDATE t SET b = ? WHERE id = 1');
    insert.run(1);
    takeChanges(db);
    other.exec('ALTER TABLE t ADD COLUMN c DEFAULT 7');
    insert.run(2);
    other.exec('ALTER TABLE t DROP COLUMN a; CREATE TABLE n (x)');
    update.run(5);
    db.transaction(() => insert.run(3))();
    db.exec('INSERT INTO n VALUES (1)');
    other.exec('DROP TABLE n; CREATE TABLE n (y)');
    db.exec('INSERT INTO n VALUES (2)');
    other.exec('DROP TABLE n');
    insert.run(4);
    other.exec('CREATE TABLE n (y)');
    db.prepare('INSERT INTO n VALUES (3)').run();
    expect(takeChanges(db).map(({ before, after }) => [before, after])).toEqual([
      [undefined, { id: 2, a: null, b: null, c: 7 }],
      [{ id: 1, b: null }, { b: 5 }],
      [undefined, { id: 3, b: null, c: 7 }],
      [undefined, { rowid: 1, x: 1 }],
      [undefined, { rowid: 1, y: 2 }],
      [undefined, { id: 4, b: null, c: 7 }],
      [undefined, { rowid: 1, y: 3 }],
    ]);
    db.close();
    other.close();
  });

  it('is forgotten when it is rolled back, whole, to a savepoint, or by an error', () => {
    const db = capturedDatabase(T);
    db.exec(
      'BEGIN; ALTER TABLE t ADD COLUMN c; INSERT INTO t (id) VALUES (1); ROLLBACK; INSERT INTO t (id) VALUES (2)',
    );
    db.exec(
      'BEGIN; SAVEPOINT s; DROP TABLE t; CREATE TABLE t (z); INSERT INTO t VALUES (1); ROLLBACK TO s; INSERT INTO t (id) VALUES (3); COMMIT',
    );
    expect(() =>
      db.transaction(() => {
        db.exec('ALTER TABLE t DROP COLUMN a; INSERT INTO t (id) VALUES (4)');
        throw new Error('undo');
      })(),
    ).toThrow('undo');
    db.exec('INSERT INTO t (id) VALUES (5)');
    db.exec('BEGIN; ALTER TABLE t DROP COLUMN b; INSERT INTO t (id) VALUES (6)');
    expect(() => db.exec('INSERT OR ROLLBACK INTO t (id) VALUES (6)')).toThrow('UNIQUE');
    db.exec('INSERT INTO t (id) VALUES (7)');
    expect(takeChanges(db).map(({ after }) => after)).toEqual(
      [2, 3, 5, 7].map((id) => ({ id, a: null, b: null })),
    );
  });

  it('that was noticed inside a transaction is noticed again when that is rolled back', () => {
    const path = file();
    const plain = new Database(path);
    plain.exec(`${T}; ${OUTBOX}`);
    const other = new Database(path);
    const db = plain;
    db.exec('BEGIN');
    const capturing = new TestCapturing();
    attachSqlite(capturing, db);
    db.exec('INSERT INTO t (id) VALUES (1); ROLLBACK; INSERT INTO t (id) VALUES (2)');
    other.exec('ALTER TABLE t ADD COLUMN c');
    db.exec(
      'BEGIN; INSERT INTO t (id) VALUES (3); SAVEPOINT s; REPLACE INTO t (id) VALUES (4); ROLLBACK TO s',
    );
    db.exec(
      'REPLACE INTO t (id) VALUES (3); ROLLBACK; INSERT INTO t (id) VALUES (5); REPLACE INTO t (id) VALUES (5)',
    );
    expect(takeChanges(db).map(({ op, before, after }) => [op, { ...before, ...after }])).toEqual([
      ['INSERT', { id: 2, a: null, b: null }],
      ['INSERT', { id: 5, a: null, b: null, c: null }],
      ['DELETE', { id: 5, a: null, b: null, c: null }],
      ['INSERT', { id: 5, a: null, b: null, c: null }],
    ]);
    expect(capturing.lostFor).toEqual([]);
    db.close();
    other.close();
  });

  it('that fails leaves everything captured as before', () => {
    const db = capturedDatabase(`${T}; CREATE INDEX i ON t (a)`);
    expect(() => db.exec('ALTER TABLE t DROP COLUMN a')).toThrow(/error in index i/);
    expect(() => db.prepare('ALTER TABLE t RENAME COLUMN missing TO x').run()).toThrow(/no such column/);
    db.exec('INSERT INTO t (id) VALUES (1)');
    expect(takeChanges(db)).toHaveLength(1);
  });

  it('P8: that drops a parent shows what the cascade deletes, as far as SQLite tells', () => {
    const db = capturedDatabase(
      'CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p ON DELETE CASCADE)',
    );
    db.exec('INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1)');
    takeChanges(db);
    db.exec('DROP TABLE p');
    expect(takeChanges(db).map(({ op, model }) => [op, model])).toEqual([['DELETE', 'c']]);
  });

  it('leaves our triggers to nobody: they are made again when they were dropped', () => {
    const db = capturedDatabase(T);
    const [name] = db
      .prepare("SELECT name FROM temp.sqlite_schema WHERE sql LIKE '%INSERT ON%'")
      .pluck()
      .all();
    db.exec(`DROP TRIGGER temp.${String(name)}; INSERT INTO t (id) VALUES (1)`);
    expect(takeChanges(db)).toHaveLength(1);
  });

  it('leaves no trace of the capture in the file', () => {
    const path = file();
    const db = capturedDatabase(T, new TestCapturing(), path);
    db.exec('REPLACE INTO t VALUES (1, 2, 3); ALTER TABLE t ADD COLUMN d');
    db.close();
    const plain = new Database(path);
    expect(
      plain.prepare("SELECT type, name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'").all(),
    ).toEqual([
      { type: 'table', name: 't' },
      { type: 'table', name: 'indelible_outbox' },
    ]);
    plain.exec('INSERT INTO t (id) VALUES (9)');
    plain.close();
  });

  it('is seen where the outbox comes later than the attachment', () => {
    const capturing = new TestCapturing();
    const db = new Database(':memory:');
    attachSqlite(capturing, db);
    expect(capturing.warnings).toEqual([
      expect.stringMatching(/outbox .* cannot be written.*no such table.*migration/s),
    ]);
    db.exec(`${T}; ${OUTBOX}; INSERT INTO t (id) VALUES (1)`);
    expect(capturing.lostFor).toEqual([]);
    expect(takeChanges(db)).toHaveLength(1);
  });
});
