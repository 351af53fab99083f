import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';

import {
  capturedDatabase,
  takeChanges,
  TestCapturing,
  transactionsIn,
} from '../../../test/capture/sqlite-bed.js';
import { statementsOf } from './script.js';
import { startOf } from './start.js';

const SCHEMA = `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE, n INTEGER);
  CREATE TABLE child (id INTEGER PRIMARY KEY, t REFERENCES t ON DELETE CASCADE);
  CREATE TABLE log (x);
  CREATE TRIGGER own AFTER INSERT ON child BEGIN INSERT INTO log VALUES (NEW.id), (NEW.id); END;`;

type Ask = (db: Database.Database) => unknown;

const ASKED: [string, Ask][] = [
  ['run', (db) => db.prepare('INSERT INTO t (id, a) VALUES (50, ?), (60, ?)').run('x', 'y')],
  ['counts', (db) => db.prepare('SELECT changes() AS c, last_insert_rowid() AS l').get()],
  [
    'upsert',
    (db) =>
      db.prepare("INSERT INTO t (id, a, n) VALUES (70, 'x', 1) ON CONFLICT (a) DO UPDATE SET n = 5").run(),
  ],
  ['nothing', (db) => db.prepare("INSERT INTO t (a) VALUES ('x') ON CONFLICT DO NOTHING").run()],
  ['replace', (db) => db.prepare("REPLACE INTO t (id, a, n) VALUES (51, 'x', 1), (52, 'y', 2)").run()],
  ['ignore', (db) => db.prepare("INSERT OR IGNORE INTO t (a) VALUES ('x'), ('z')").run()],
  ['update none', (db) => db.prepare('UPDATE t SET n = 1 WHERE 0').run()],
  ['update same', (db) => db.prepare('UPDATE t SET a = a').run()],
  ['own trigger', (db) => db.prepare('INSERT INTO child VALUES (9, 51), (10, 51)').run()],
  ['counts', (db) => db.prepare('SELECT changes(), last_insert_rowid()').raw().get()],
  ['returning', (db) => db.prepare('UPDATE t SET n = n + 1 RETURNING *, n * 2 AS twice').all()],
  ['returning one', (db) => db.prepare('INSERT INTO t (a) VALUES (?), (?) RETURNING id').get('p', 'q')],
  ['columns', (db) => db.prepare('INSERT INTO t (a) VALUES (1) RETURNING id AS x, a').columns()],
  ['raw', (db) => db.prepare('UPDATE t SET n = 3 RETURNING id, a').raw().all()],
  ['pluck', (db) => db.prepare('UPDATE t SET n = 4 RETURNING id').pluck().get()],
  ['expand', (db) => db.prepare('SELECT * FROM t JOIN child ON child.t = t.id').expand().all()],
  [
    'big',
    (db) => db.prepare('UPDATE t SET n = 9007199254740993 WHERE id = 51 RETURNING n').safeIntegers().all(),
  ],
  ['iterate', (db) => [...db.prepare('UPDATE t SET n = 6 RETURNING id').iterate()]],
  ['counts', (db) => db.prepare('SELECT changes(), last_insert_rowid()').raw().get()],
  [
    'iterate a little',
    (db) => {
      for (const row of db.prepare('UPDATE t SET n = n + 1 RETURNING id').iterate())
        return [row, db.inTransaction];
      return undefined;
    },
  ],
  ['bound', (db) => db.prepare('INSERT INTO t (a, n) VALUES (?, ?)').bind('bound', 1).run()],
  ['named', (db) => db.prepare('UPDATE t SET n = $n WHERE a = @a').run({ n: 3, a: 'bound' })],
  ['wrong kind', (db) => db.prepare('UPDATE t SET n = 1').all()],
  ['too many', (db) => db.prepare('UPDATE t SET n = ?').run(1, 2)],
  ['cascade', (db) => db.prepare('DELETE FROM t WHERE id = 51').run()],
  ['all', (db) => db.prepare('DELETE FROM t').run()],
  [
    'exec',
    (db) => db.exec("INSERT INTO t (a) VALUES ('e'); SELECT 1;; INSERT INTO t (a) VALUES ('f')") === db,
  ],
  [
    'exec wrong',
    (db) =>
      db.exec(
        "INSERT INTO t (a) VALUES ('g'); INSERT INTO t (a) VALUES ('g'); INSERT INTO t (a) VALUES ('h')",
      ),
  ],
  ['exec no text', (db) => db.exec(1 as unknown as string)],
  [
    'pragma',
    (db) => [
      db.pragma('foreign_keys'),
      db.pragma('user_version = 5'),
      db.pragma('user_version', { simple: true }),
    ],
  ],
  ['transaction', (db) => db.transaction((a: number) => [a, db.inTransaction])(4)],
  ['deferred', (db) => db.transaction(() => db.inTransaction).deferred()],
  ['immediate', (db) => db.transaction(() => db.inTransaction).immediate()],
  ['promise', (db) => db.transaction(async () => 1)()],
  ['rows', (db) => db.prepare('SELECT * FROM t').all()],
];

function answers(db: Database.Database): unknown[] {
  return ASKED.map(([name, ask]) => {
    try {
      return [name, ask(db)];
    } catch (error) {
      return [name, error instanceof Error ? [error.name, error.message, Reflect.get(error, 'code')] : error];
    }
  });
}

describe('what the application is answered', () => {
  it('is the same with and without capture', () => {
    const plain = new Database(':memory:');
    plain.exec(SCHEMA);
    const captured = capturedDatabase(SCHEMA);
    expect(answers(captured)).toEqual(answers(plain));
  });

  it('is the same when integers are big by default', () => {
    const [plain, captured] = [new Database(':memory:'), capturedDatabase('SELECT 1')];
    for (const db of [plain, captured]) db.defaultSafeIntegers().exec(SCHEMA);
    expect(answers(captured)).toEqual(answers(plain));
  });

  it('is untouched on a database beside it that is not captured', () => {
    const db = capturedDatabase(SCHEMA);
    const beside = new Database(':memory:');
    beside.exec(SCHEMA);
    beside.prepare("INSERT INTO t (a) VALUES ('x')").run();
    expect([...beside.prepare('SELECT a FROM t').pluck().iterate()]).toEqual(['x']);
    expect(takeChanges(db)).toEqual([]);
  });

  it('P11: comes with one transaction for an iterated write, told once it is over', () => {
    const capturing = new TestCapturing();
    const db = capturedDatabase(SCHEMA, capturing);
    const rows = db.prepare("INSERT INTO t (a) VALUES ('x'), ('y') RETURNING id").iterate();
    expect(capturing.commits).toBe(0);
    expect([...rows]).toHaveLength(2);
    expect(rows.next()).toEqual({ done: true, value: undefined });
    db.exec("INSERT INTO t (a) VALUES ('z')");
    expect(transactionsIn(db)).toEqual([1, 1, 2]);
    expect(capturing.commits).toBeGreaterThanOrEqual(2);
  });

  it('is an answer at once where nothing was written: nothing is told', () => {
    const capturing = new TestCapturing();
    const db = capturedDatabase(SCHEMA, capturing);
    db.prepare('SELECT * FROM t').all();
    db.exec('BEGIN; COMMIT; BEGIN; INSERT INTO log VALUES (1); ROLLBACK; UPDATE t SET n = 1');
    expect(capturing.commits).toBe(0);
  });
});

describe('a script', () => {
  it.each<[string, string[]]>([
    ['', []],
    [' ;; ', []],
    ['SELECT 1', ['SELECT 1']],
    ['a;b', ['a;', 'b']],
    ['SELECT \';\' || "a;" || `;` || [;]; x', ['SELECT \';\' || "a;" || `;` || [;];', ' x']],
    ['-- a;\nSELECT 1; /* ; */ SELECT 2;', ['-- a;\nSELECT 1;', ' /* ; */ SELECT 2;']],
    ["SELECT 'it''s; '; b", ["SELECT 'it''s; ';", ' b']],
    [
      'CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN SELECT CASE WHEN 1 THEN 2 END; UPDATE t SET a = 1; END; SELECT 2',
      [
        'CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN SELECT CASE WHEN 1 THEN 2 END; UPDATE t SET a = 1; END;',
        ' SELECT 2',
      ],
    ],
    ['CREATE TABLE trigger_end (a); END; x', ['CREATE TABLE trigger_end (a);', ' END;', ' x']],
    ['SELECT 1\0; SELECT 2', ['SELECT 1']],
    ["SELECT 'open; x", ["SELECT 'open; x"]],
    ['SELECT 1; -- comment\n; SELECT 2; -- end', ['SELECT 1;', ' SELECT 2;']],
  ])('%j is taken apart into its statements', (script, statements) => {
    expect(statementsOf(script)).toEqual(statements);
  });

  it('does what it does without capture, to the statement where it stops', () => {
    const scripts = [
      'INSERT INTO log VALUES (1); -- c\n ; INSERT INTO log VALUES (2)',
      'INSERT INTO log VALUES (3); /* c */ INSERT INTO log VALUES (4); -- end',
      'INSERT INTO log VALUES (5); wrong; INSERT INTO log VALUES (6)',
      "INSERT INTO log VALUES ('a\0b'); INSERT INTO log VALUES (7)",
      "INSERT INTO log VALUES ('ünï;x'); CREATE TRIGGER later AFTER DELETE ON t BEGIN SELECT 1; END; INSERT INTO log VALUES (8)",
    ];
    const results = [new Database(':memory:'), capturedDatabase('SELECT 1')].map((db) => {
      db.exec(SCHEMA);
      const errors = scripts.map((script) => {
        try {
          return db.exec(script) === db;
        } catch (error) {
          return String(error);
        }
      });
      return [errors, db.prepare('SELECT * FROM log').all()];
    });
    expect(results[1]).toEqual(results[0]);
  });
});

describe('the beginning of a statement', () => {
  it.each<[string, object]>([
    ['select 1', { kind: 'read' }],
    ['', { kind: 'read' }],
    ['-- x\n update or ignore main . "my t" set a = 1', { kind: 'write', op: 'UPDATE', table: 'my t' }],
    ['REPLACE INTO [t] VALUES (1)', { kind: 'write', op: 'INSERT', table: 't', mayReplace: true }],
    [
      'with a as (select 1), b as (delete) insert into T select 1',
      { kind: 'write', op: 'INSERT', table: 'T' },
    ],
    ['WITH a AS (SELECT 1) SELECT * FROM a', { kind: 'read' }],
    ['delete from `a``b` where x', { kind: 'write', op: 'DELETE', table: 'a`b' }],
    ['; commit', { kind: 'control' }],
    ['rollback to x', { kind: 'rollback' }],
    ['PRAGMA recursive_triggers', { kind: 'read' }],
    ['PRAGMA main.recursive_triggers = ON', { kind: 'definition' }],
    ['EXPLAIN UPDATE t SET a = 1', { kind: 'read' }],
  ])('%j tells what it is', (text, start) => {
    expect(startOf(text)).toMatchObject(start);
  });
});
