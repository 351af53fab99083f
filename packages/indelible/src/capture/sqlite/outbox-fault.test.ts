import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';

import { capturedDatabase, OUTBOX, takeChanges, TestCapturing } from '../../../test/capture/sqlite-bed.js';
import { somewhere } from '../../../test/sqlite-trail.js';
import { attachSqlite } from './attach-sqlite.js';

const T =
  'CREATE TABLE t (id INTEGER PRIMARY KEY, a UNIQUE); CREATE TABLE child (id INTEGER PRIMARY KEY, t REFERENCES t ON DELETE CASCADE)';

/** Ways in which an outbox comes to take no rows, and in which it is put right. */
const FAULTS: [name: string, fault: string, cure: string][] = [
  ['is dropped', 'DROP TABLE indelible_outbox', OUTBOX],
  [
    'is renamed',
    'ALTER TABLE indelible_outbox RENAME TO old_outbox',
    'ALTER TABLE old_outbox RENAME TO indelible_outbox',
  ],
  [
    'loses a column',
    'ALTER TABLE indelible_outbox DROP COLUMN context',
    'ALTER TABLE indelible_outbox ADD COLUMN context TEXT',
  ],
  [
    'is locked by a trigger',
    "CREATE TRIGGER lock BEFORE INSERT ON indelible_outbox BEGIN SELECT RAISE(ABORT, 'closed'); END",
    'DROP TRIGGER lock',
  ],
  [
    'gets a column that must be filled',
    'DROP TABLE indelible_outbox; CREATE TABLE indelible_outbox (seq INTEGER PRIMARY KEY, transaction_id, context, body, must NOT NULL)',
    `DROP TABLE indelible_outbox; ${OUTBOX}`,
  ],
];

const count = (db: Database.Database): unknown => db.prepare('SELECT count(*) FROM t').pluck().get();

describe.each(FAULTS)('when the outbox %s', (_, fault, cure) => {
  it('P15: the application goes on, what is lost is told, and capture goes on when it can', () => {
    const capturing = new TestCapturing();
    const db = capturedDatabase(T, capturing);
    const insert = db.prepare('INSERT INTO t (a) VALUES (?)');
    db.exec(fault);
    expect(insert.run('x')).toEqual({ changes: 1, lastInsertRowid: 1 });
    expect(capturing.lostFor).toHaveLength(1);
    expect(db.prepare('INSERT INTO t (a) VALUES (1), (2) RETURNING a').all()).toEqual([{ a: 1 }, { a: 2 }]);
    expect([...db.prepare('INSERT INTO t (a) VALUES (3) RETURNING a').iterate()]).toEqual([{ a: 3 }]);
    db.exec('UPDATE t SET a = 4 WHERE a = 3; SELECT 1');
    expect(capturing.lostFor).toHaveLength(4);
    db.prepare('UPDATE t SET a = 4 WHERE a = 4').run();
    db.prepare('DELETE FROM t WHERE a = 99').run();
    expect(capturing.lostFor).toHaveLength(4);
    db.exec(cure);
    insert.run('y');
    expect(takeChanges(db).map(({ after }) => after)).toEqual([{ id: 5, a: 'y' }]);
    expect(capturing.lostFor).toHaveLength(4);
  });

  it('P15: the same happens inside a transaction, which keeps what it did', () => {
    const capturing = new TestCapturing();
    const db = capturedDatabase(T, capturing);
    const insert = db.prepare('INSERT INTO t (a) VALUES (?)');
    db.transaction(() => {
      insert.run(1);
      db.exec(fault);
      insert.run(2);
      db.transaction(() => insert.run(3))();
      insert.run(4);
    })();
    expect(count(db)).toBe(4);
    expect(capturing.lostFor).toHaveLength(3);
    db.exec(cure);
    db.transaction(() => insert.run(5))();
    expect(takeChanges(db).at(-1)?.after).toEqual({ id: 5, a: 5 });
  });

  it('P15: a write that must have its event is refused with the remedy, and nothing of it is left', () => {
    const capturing = new TestCapturing();
    const db = capturedDatabase(T, capturing);
    const insert = db.prepare('INSERT INTO t (a) VALUES (?), (?)');
    insert.run(1, 2);
    db.exec('INSERT INTO child VALUES (1, 1)');
    db.exec(fault);
    capturing.closed = true;
    const refusal = expect.objectContaining({
      code: 'OUTBOX_UNAVAILABLE',
      message: expect.stringContaining('migration'),
    });
    expect(() => insert.run(3, 4)).toThrow(refusal);
    expect(() => db.prepare('DELETE FROM t RETURNING id').all()).toThrow(refusal);
    expect(() => [...db.prepare('DELETE FROM t RETURNING id').iterate()]).toThrow(refusal);
    expect(() => db.exec('DELETE FROM t')).toThrow(refusal);
    expect(() => db.exec('INSERT OR IGNORE INTO t (a) VALUES (9)')).toThrow(refusal);
    db.transaction(() => expect(() => insert.run(3, 4)).toThrow(refusal))();
    expect(count(db)).toBe(2);
    expect(capturing.lostFor).toEqual([]);
    db.exec(cure);
    expect(insert.run(3, 4).changes).toBe(2);
  });
});

describe('when another connection holds the whole file', () => {
  it('P15: attaching waits for the next write, and the answer to a write is the one of the database', () => {
    const place = somewhere('app.db');
    const other = new Database(place.path);
    other.exec(`${T}; ${OUTBOX}; BEGIN EXCLUSIVE`);
    const capturing = new TestCapturing();
    const db = attachSqlite(capturing, new Database(place.path, { timeout: 0 }));
    expect(capturing.warnings).toEqual([expect.stringContaining('database is locked')]);
    expect(() => db.exec('INSERT INTO t (a) VALUES (1)')).toThrow(
      expect.objectContaining({ name: 'SqliteError', code: 'SQLITE_BUSY' }),
    );
    other.exec('COMMIT');
    db.exec('INSERT INTO t (a) VALUES (2)');
    other.exec('BEGIN EXCLUSIVE');
    expect(() => db.exec('INSERT INTO t (a) VALUES (3)')).toThrow('database is locked');
    other.exec('COMMIT');
    db.exec('INSERT INTO t (a) VALUES (4)');
    expect(takeChanges(db).map(({ after }) => after?.['a'])).toEqual([2, 4]);
    expect(capturing.lostFor).toEqual([]);
    db.close();
    other.close();
    place.remove();
  });

  it('P15: a write is lost or refused, and said to be, while no trigger can be made', () => {
    const capturing = new TestCapturing();
    const db = capturedDatabase(T, capturing);
    db.exec(`CREATE TEMP TABLE indelible_aside (x)`);
    const replace = db.prepare('REPLACE INTO t VALUES (1, 2)');
    expect(replace.run().changes).toBe(1);
    expect(capturing.lostFor).toHaveLength(1);
    capturing.closed = true;
    expect(() => replace.run()).toThrow(expect.objectContaining({ code: 'OUTBOX_UNAVAILABLE' }));
    db.exec('DROP TABLE temp.indelible_aside');
    replace.run();
    expect(takeChanges(db).map(({ op }) => op)).toContain('DELETE');
  });
});

describe('a write that the database refuses', () => {
  const OWN = `CREATE TABLE strict (id INTEGER PRIMARY KEY, n INTEGER CHECK (n > 0)) STRICT;
    CREATE TRIGGER own BEFORE DELETE ON strict BEGIN SELECT RAISE(ABORT, 'not this one'); END;
    INSERT INTO strict VALUES (1, 1); INSERT INTO t VALUES (1, 'a'); INSERT INTO child VALUES (1, 1);`;

  it.each([
    ["INSERT INTO t VALUES (1, 'b')", 'INSERT', 't', 'SQLITE_CONSTRAINT_PRIMARYKEY'],
    [
      'WITH x AS (SELECT \'a\' AS a) INSERT INTO main."t" (a) SELECT a FROM x',
      'INSERT',
      't',
      'SQLITE_CONSTRAINT_UNIQUE',
    ],
    ['/* c */ UPDATE OR ABORT strict SET n = 0', 'UPDATE', 'strict', 'SQLITE_CONSTRAINT_CHECK'],
    ["INSERT INTO strict VALUES (2, 'x')", 'INSERT', 'strict', 'SQLITE_CONSTRAINT_DATATYPE'],
    ["INSERT INTO t (id) VALUES ('x')", 'INSERT', 't', 'SQLITE_MISMATCH'],
    ['DELETE FROM strict', 'DELETE', 'strict', 'SQLITE_CONSTRAINT_TRIGGER'],
    ['INSERT INTO child VALUES (2, 99)', 'INSERT', 'child', 'SQLITE_CONSTRAINT_FOREIGNKEY'],
  ])('%s: is told, and the error reaches the caller unchanged', (sql, op, model, code) => {
    const capturing = new TestCapturing();
    const db = capturedDatabase(`${T};${OWN}`, capturing);
    const ways = [
      () => db.prepare(sql).run(),
      () => db.exec(sql),
      () => db.transaction(() => db.prepare(sql).run())(),
    ];
    for (const way of ways) {
      let thrown: unknown;
      try {
        way();
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({ name: 'SqliteError', code });
      expect(capturing.failures.splice(0)).toEqual([{ op, model, error: thrown, context: '{"who":"test"}' }]);
    }
    expect(takeChanges(db)).toEqual([]);
    expect(capturing.lostFor).toEqual([]);
  });

  it('is not told when the statement itself was wrong', () => {
    const capturing = new TestCapturing();
    const db = capturedDatabase(T, capturing);
    expect(() => db.prepare('INSERT INTO nowhere VALUES (1)')).toThrow('no such table: nowhere');
    expect(() => db.exec('INSERT INTO t SET a')).toThrow('syntax error');
    expect(() => db.prepare('INSERT INTO t VALUES (?)').run()).toThrow('2 columns but 1 values');
    expect(capturing.failures).toEqual([]);
  });
});
