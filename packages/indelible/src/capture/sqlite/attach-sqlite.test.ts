import { AsyncLocalStorage } from 'node:async_hooks';

import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';

import {
  capturedDatabase,
  takeChanges,
  TestCapturing,
  transactionsIn,
} from '../../../test/capture/sqlite-bed.js';
import { attachSqlite } from './attach-sqlite.js';

const PATIENT = 'CREATE TABLE patient (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE, age INTEGER)';

describe('a captured better-sqlite3 database', () => {
  it('P1 P4 P8: writes a create whole, an update by what changed, and a delete whole', () => {
    const db = capturedDatabase(PATIENT);
    db.prepare('INSERT INTO patient (name, age) VALUES (?, ?), (?, ?)').run('Ann', 30, 'Bob', null);
    db.prepare('UPDATE patient SET name = upper(name), age = age WHERE id = 1').run();
    db.prepare('DELETE FROM patient').run();
    const head = (op: string): object => ({ op, model: 'patient', key: ['id'] });
    expect(takeChanges(db)).toEqual([
      { ...head('INSERT'), after: { id: 1, name: 'Ann', age: 30 } },
      { ...head('INSERT'), after: { id: 2, name: 'Bob', age: null } },
      { ...head('UPDATE'), before: { id: 1, name: 'Ann' }, after: { name: 'ANN' } },
      { ...head('DELETE'), before: { id: 1, name: 'ANN', age: 30 } },
      { ...head('DELETE'), before: { id: 2, name: 'Bob', age: null } },
    ]);
  });

  it('P9: names a row without a declared key by a unique index that has no nulls, else by its place', () => {
    const db = capturedDatabase(`CREATE TABLE link (a INTEGER NOT NULL, b TEXT NOT NULL, note TEXT);
      CREATE UNIQUE INDEX partial ON link (a) WHERE note IS NULL; CREATE UNIQUE INDEX whole ON link (a, b);
      CREATE TABLE loose (a INTEGER UNIQUE)`);
    db.exec("INSERT INTO link VALUES (1, 'x', NULL); INSERT INTO loose VALUES (7)");
    expect(takeChanges(db)).toEqual([
      { op: 'INSERT', model: 'link', key: ['a', 'b'], after: { a: 1, b: 'x', note: null } },
      { op: 'INSERT', model: 'loose', key: ['rowid'], after: { rowid: 1, a: 7 } },
    ]);
  });

  it('P6: writes nothing for an update that changes nothing', () => {
    const db = capturedDatabase(PATIENT);
    db.exec("INSERT INTO patient VALUES (1, 'Ann', 30)");
    takeChanges(db);
    db.exec("UPDATE patient SET name = 'Ann', age = 30");
    expect(takeChanges(db)).toEqual([]);
  });

  it('P11: leaves nothing of what was rolled back, whole or to a savepoint', () => {
    const db = capturedDatabase(PATIENT);
    const insert = db.prepare('INSERT INTO patient (id) VALUES (?)');
    const inner = db.transaction((id: number) => {
      insert.run(id);
      if (id === 2) throw new Error('undo');
    });
    db.transaction(() => {
      inner(1);
      expect(() => inner(2)).toThrow('undo');
      inner(3);
    }).immediate();
    db.exec('BEGIN; INSERT INTO patient (id) VALUES (9); ROLLBACK');
    expect(takeChanges(db).map(({ after }) => after?.['id'])).toEqual([1, 3]);
  });

  it('names transactions apart, however they are begun', () => {
    const capturing = new TestCapturing();
    const plain = new Database(':memory:');
    plain.exec(PATIENT);
    const early = plain.prepare('INSERT INTO patient (name) VALUES (1), (2)');
    const earlyTransaction = plain.transaction(() => [early.run(), early.run()]);
    const db = capturedDatabase('SELECT 1', capturing);
    db.exec(PATIENT);
    const insert = db.prepare('INSERT INTO patient (name) VALUES (1)');
    const begin = db.prepare('BEGIN');
    const commit = db.prepare('COMMIT');
    insert.run();
    insert.run();
    begin.run();
    insert.run();
    insert.run();
    commit.run();
    db.transaction(() => [insert.run(), insert.run()])();
    db.exec('BEGIN; INSERT INTO patient (name) VALUES (1); INSERT INTO patient (name) VALUES (1); COMMIT');
    db.exec('INSERT INTO patient (name) VALUES (1); INSERT INTO patient (name) VALUES (1), (2)');
    db.exec('SAVEPOINT one; INSERT INTO patient (name) VALUES (1)');
    insert.run();
    db.exec('RELEASE one');
    expect(transactionsIn(db)).toEqual([1, 2, 3, 3, 4, 4, 5, 5, 6, 7, 7, 8, 8]);
    expect(capturing.commits).toBe(8);
    plain.exec(
      'CREATE TABLE indelible_outbox (seq INTEGER PRIMARY KEY, transaction_id TEXT, context TEXT, body TEXT)',
    );
    attachSqlite(new TestCapturing(), plain);
    early.run();
    early.run();
    earlyTransaction();
    earlyTransaction.exclusive();
    expect(transactionsIn(plain)).toEqual([1, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4]);
  });

  it('P17: takes the context of each statement once, in the context of its caller', async () => {
    const storage = new AsyncLocalStorage<string>();
    const capturing = new TestCapturing();
    capturing.contextText = () => JSON.stringify({ who: storage.getStore() ?? null });
    const db = capturedDatabase(PATIENT, capturing);
    const insert = db.prepare('INSERT INTO patient (name) VALUES (?), (?)');
    const work = async (who: string): Promise<void> => {
      for (let n = 0; n < 5; n += 1) {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
        insert.run(who, who);
      }
    };
    await Promise.all(['ann', 'bob', 'eve'].map((who) => storage.run(who, () => work(who))));
    const rows = db.prepare('SELECT context, body FROM indelible_outbox').all() as Record<string, string>[];
    expect(rows).toHaveLength(30);
    for (const { context = '', body = '' } of rows)
      expect(JSON.parse(context)).toEqual({ who: JSON.parse(body).after.name });
    expect(capturing.contexts).toBe(15);
  });
});

describe('attaching', () => {
  it('says what is captured, and is harmless to repeat for the same trail', () => {
    const capturing = new TestCapturing({ note: false });
    const db = capturedDatabase(`${PATIENT}; CREATE TABLE note (id); CREATE VIEW v AS SELECT 1`, capturing);
    expect(attachSqlite(capturing, db)).toBe(db);
    expect(capturing.lines).toEqual(['SQLite database in memory: 1 table']);
    db.exec('INSERT INTO patient DEFAULT VALUES; INSERT INTO note VALUES (1)');
    expect(takeChanges(db)).toHaveLength(1);
  });

  it.each<[string, () => unknown, RegExp]>([
    ['nothing', () => undefined, /no better-sqlite3 Database/],
    ['something else', () => ({ prepare: () => 1, exec: () => 1 }), /no better-sqlite3 Database/],
    ['a closed one', () => new Database(':memory:').close(), /closed/],
    ['one that is captured for another trail', () => capturedDatabase(PATIENT), /another trail/],
    [
      'one that only reads',
      () => new Database(new Database(':memory:').serialize(), { readonly: true }),
      /read only/,
    ],
  ])('is refused for %s', (_, make, message) => {
    expect(() => attachSqlite(new TestCapturing(), make() as Database.Database)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringMatching(message) }),
    );
  });
});
