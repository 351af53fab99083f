import { createHash } from 'node:crypto';

import type Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';

import {
  type Captured,
  capturedDatabase,
  takeChanges,
  TestCapturing,
} from '../../../test/capture/sqlite-bed.js';

type Row = Record<string, unknown>;

const CLINIC = `
  CREATE TABLE patient (id INTEGER PRIMARY KEY, mrn TEXT UNIQUE, name TEXT COLLATE NOCASE UNIQUE, n ANY);
  CREATE TABLE visit (day TEXT, slot INTEGER, patient INTEGER REFERENCES patient ON DELETE CASCADE ON UPDATE CASCADE,
    note TEXT, PRIMARY KEY (day, slot)) WITHOUT ROWID;
  CREATE TABLE bill (id INTEGER PRIMARY KEY, patient INTEGER REFERENCES patient ON DELETE SET NULL, code TEXT);
  CREATE UNIQUE INDEX bill_code ON bill (code) WHERE code <> 'free';
  CREATE TABLE tag (label TEXT, UNIQUE (label) ON CONFLICT REPLACE);`;
const OWN_TRIGGERS = `
  CREATE TRIGGER patient_touch AFTER UPDATE ON patient BEGIN UPDATE patient SET n = coalesce(n, 0) + 1 WHERE id = NEW.id AND typeof(n) <> 'text'; END;
  CREATE TRIGGER patient_log AFTER INSERT ON patient BEGIN INSERT OR REPLACE INTO tag VALUES (NEW.name); END;
  CREATE TRIGGER bill_first BEFORE INSERT ON bill BEGIN UPDATE patient SET n = 'billed' WHERE id = NEW.patient; END;`;
const TABLES = ['patient', 'visit', 'bill', 'tag'];

/** The rows of a database as changes name them: by model and key. */
function stateOf(db: Database.Database): Map<string, Row> {
  const rows = TABLES.flatMap((model) =>
    (db.prepare(`SELECT ${model === 'tag' ? 'rowid, ' : ''}* FROM ${model}`).all() as Row[]).map(
      (row): [string, Row] => [nameOf(model, row), row],
    ),
  );
  return new Map(rows.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function nameOf(model: string, row: Row): string {
  const key = model === 'visit' ? ['day', 'slot'] : model === 'tag' ? ['rowid'] : ['id'];
  return JSON.stringify([model, ...key.map((name) => row[name])]);
}

/** Does to a state what the changes say was done; each must find what it says it found. */
function replay(state: Map<string, Row>, changes: readonly Captured[]): Map<string, Row> {
  for (const { op, model, before = {}, after = {} } of changes) {
    const old = state.get(nameOf(model, op === 'INSERT' ? after : before));
    expect(op === 'INSERT').toBe(old === undefined);
    expect(op === 'DELETE' ? before : { ...old, ...before }).toEqual(old ?? {});
    if (op !== 'INSERT') state.delete(nameOf(model, before));
    const now = { ...old, ...after };
    if (op !== 'DELETE') state.set(nameOf(model, now), now);
  }
  return new Map([...state].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function randomStatement(random: (below: number) => number): string {
  const id = (): number => random(6) + 1;
  const text = (): string => `'${'abcABC'[random(6)]}'`;
  const or = (): string => ['', ' OR REPLACE', ' OR IGNORE', ' OR REPLACE'][random(4)] ?? '';
  const statements = [
    () =>
      `INSERT${or()} INTO patient (id, mrn, name, n) VALUES (${id()}, ${text()}, ${text()}, 1), (${id()}, ${text()}, ${text()}, 2)`,
    () => `INSERT${or()} INTO patient (mrn, name) VALUES (${text()}, ${text()})`,
    () => `UPDATE${or()} patient SET id = ${id()}, name = ${text()} WHERE id = ${id()}`,
    () => `UPDATE${or()} patient SET mrn = ${text()} WHERE id < ${id()}`,
    () =>
      `INSERT INTO patient (id, mrn) VALUES (${id()}, ${text()}) ON CONFLICT (mrn) DO UPDATE SET name = ${text()}, n = 7`,
    () => `INSERT INTO patient (id, mrn) VALUES (${id()}, ${text()}) ON CONFLICT DO NOTHING`,
    () => `REPLACE INTO visit VALUES (${text()}, ${id()}, (SELECT min(id) FROM patient), ${text()})`,
    () => `UPDATE${or()} visit SET slot = ${id()} WHERE day = ${text()}`,
    () => `INSERT${or()} INTO bill (patient, code) SELECT id, ${text()} FROM patient LIMIT 2`,
    () => `UPDATE${or()} bill SET code = 'free' WHERE id = ${id()}`,
    () => `DELETE FROM patient WHERE id = ${id()}`,
    () =>
      `DELETE FROM ${TABLES[random(4)]} WHERE rowid % 5 = ${id()}`.replace(
        'visit WHERE rowid',
        'visit WHERE slot',
      ),
    () => `INSERT INTO tag VALUES (${text()}), (${text()})`,
    () => `UPDATE tag SET label = ${text()} WHERE label > ${text()}`,
  ];
  return statements[random(statements.length)]?.() ?? '';
}

/** Numbers that look random and are the same in every run. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('what is captured, done again', () => {
  it.each([
    ['a database without triggers', '', 'OFF'],
    ['a database without triggers, where triggers recurse', '', 'ON'],
    ['a database with triggers of its own', OWN_TRIGGERS, 'OFF'],
  ])('P1 P8 P9: gives the same rows in %s, after REPLACE, upserts and cascades', (_, triggers, recursive) => {
    for (let seed = 1; seed <= 12; seed += 1) {
      const random = randomFrom(seed);
      const db = capturedDatabase(`${CLINIC}${triggers}`);
      db.pragma(`recursive_triggers = ${recursive}`);
      for (let n = 0; n < 60; n += 1) {
        const before = stateOf(db);
        const statement = randomStatement(random);
        try {
          db.prepare(statement).run();
        } catch (error) {
          if (!String(Reflect.get(error as object, 'code')).startsWith('SQLITE_CONSTRAINT')) throw error;
        }
        const changes = takeChanges(db);
        expect({ seed, n, statement, rows: replay(before, changes) }).toEqual({
          seed,
          n,
          statement,
          rows: stateOf(db),
        });
      }
      db.close();
    }
  });

  it('leaves the setting of the application as it was', () => {
    const db = capturedDatabase(CLINIC);
    db.exec("REPLACE INTO patient VALUES (1, 'a', 'b', 1)");
    expect(db.pragma('recursive_triggers', { simple: true })).toBe(0);
  });
});

const VALUES: readonly unknown[] = [
  null,
  0,
  1n,
  -1n,
  9_007_199_254_740_993n,
  -(2n ** 63n),
  2n ** 63n - 1n,
  0.1,
  1 / 3,
  -1.5e-310,
  5e-324,
  1.7976931348623157e308,
  Infinity,
  -Infinity,
  100,
  1e21,
  '',
  '1',
  '1.0',
  'Ann',
  'a\0b',
  'ż😀\u{10ffff}',
  '"\\\n\u2028',
  '~b:1:2',
  '{"a":1}',
  Buffer.alloc(0),
  Buffer.from([0, 255, 1]),
  Buffer.from('text'),
];

/** A value as the text of JSON that is expected of it. */
function expected(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Buffer.isBuffer(value)) return `~b:${value.length}:${createHash('sha256').update(value).digest('hex')}`;
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

describe('a value', () => {
  const TABLE =
    'CREATE TABLE t (k INTEGER PRIMARY KEY, a, b BLOB, c TEXT, d INTEGER, e REAL, f NUMERIC, g BOOLEAN)';
  const TRUTH = `CREATE TABLE truth (op TEXT, a, b, c, d, e, f, g);
    CREATE TRIGGER t_insert AFTER INSERT ON t BEGIN INSERT INTO truth VALUES ('INSERT', NEW.a, NEW.b, NEW.c, NEW.d, NEW.e, NEW.f, NEW.g); END;
    CREATE TRIGGER t_delete AFTER DELETE ON t BEGIN INSERT INTO truth VALUES ('DELETE', OLD.a, OLD.b, OLD.c, OLD.d, OLD.e, OLD.f, OLD.g); END;`;

  it('P6: is captured as the database holds it, in a column of any type', () => {
    const db = capturedDatabase(`${TABLE};${TRUTH}`, new TestCapturing());
    const insert = db.prepare('INSERT INTO t (a, b, c, d, e, f, g) VALUES ($v, $v, $v, $v, $v, $v, $v)');
    for (const v of VALUES) insert.run({ v });
    db.exec('DELETE FROM t');
    const truth = db.prepare('SELECT * FROM truth').safeIntegers().all() as Row[];
    const changes = takeChanges(db);
    expect(changes).toHaveLength(2 * VALUES.length);
    changes.forEach(({ op, before, after }, n) => {
      const { op: wanted, ...columns } = truth[n] ?? {};
      const { k, ...row } = { ...before, ...after };
      expect(k).toBe((n % VALUES.length) + 1);
      expect([op, row]).toEqual([
        wanted,
        Object.fromEntries(Object.entries(columns).map(([name, value]) => [name, expected(value)])),
      ]);
    });
  });

  it('P6: keeps every digit of a whole number', () => {
    const db = capturedDatabase('CREATE TABLE t (k INTEGER PRIMARY KEY, n)');
    db.prepare('INSERT INTO t VALUES (1, ?), (2, ?)').run(9_007_199_254_740_993n, -(2n ** 63n));
    const bodies = db.prepare('SELECT body FROM indelible_outbox').pluck().all().join('\n');
    expect(bodies).toContain('"n":9007199254740993');
    expect(bodies).toContain('"n":-9223372036854775808');
  });

  it('changes with every change, of its type alone as well, and only then', () => {
    const db = capturedDatabase('CREATE TABLE t (k INTEGER PRIMARY KEY, v)');
    db.exec('INSERT INTO t VALUES (1, NULL)');
    takeChanges(db);
    const update = db.prepare('UPDATE t SET v = ?');
    const all: unknown[] = [...VALUES, '1', 1n];
    for (const value of [1n, 1, '1', Buffer.from('1'), null, 'a', 'A']) {
      update.run(value);
      expect(takeChanges(db)).toHaveLength(1);
      update.run(value);
      expect(takeChanges(db)).toHaveLength(0);
    }
    for (const value of all) update.run(value);
    expect(takeChanges(db).length).toBeGreaterThan(VALUES.length - 2);
  });

  it('does no harm when it is no valid text', () => {
    const db = capturedDatabase('CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT)');
    db.exec(
      "INSERT INTO t VALUES (1, CAST(x'ff00c3' AS TEXT)); UPDATE t SET v = CAST(x'edA080' AS TEXT); DELETE FROM t",
    );
    expect(takeChanges(db).map(({ op }) => op)).toEqual(['INSERT', 'UPDATE', 'DELETE']);
  });

  it('is captured in a database of another encoding, from JSON, and under trusted_schema off', () => {
    const db = capturedDatabase(
      "PRAGMA encoding = 'UTF-16'; PRAGMA trusted_schema = OFF; CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT)",
    );
    db.exec(`INSERT INTO t VALUES (1, '😀a'), (2, json('{"a": 1}'))`);
    expect(takeChanges(db).map(({ after }) => after?.['v'])).toEqual(['😀a', '{"a":1}']);
  });
});

describe('a table', () => {
  it('is captured whatever its key, its columns and their names', () => {
    const db = capturedDatabase(`
      CREATE TABLE "o'x "" 😀" ("a ""b" TEXT, "c'd" INTEGER, "😀" TEXT, "", PRIMARY KEY ("c'd", "a ""b"));
      CREATE TABLE plain (rowid, _rowid_);
      CREATE TABLE shadowed (rowid, _rowid_, oid);
      CREATE TABLE made (id INTEGER PRIMARY KEY, a INTEGER, twice AS (a * 2) STORED, thrice INTEGER GENERATED ALWAYS AS (a * 3));
      CREATE TABLE pair (a TEXT, b TEXT, c, PRIMARY KEY (b, a)) WITHOUT ROWID;
      CREATE TABLE strict (id INTEGER PRIMARY KEY, v ANY) STRICT;`);
    db.exec(`INSERT INTO "o'x "" 😀" VALUES ('x', 1, 'y', 2); INSERT INTO plain VALUES (1, 2); INSERT INTO shadowed VALUES (1, 2, 3);
      INSERT INTO made (a) VALUES (1); UPDATE made SET a = 2; UPDATE plain SET oid = 5; UPDATE pair SET c = 1;
      INSERT INTO pair VALUES ('p', 'q', 0); UPDATE pair SET c = 1; UPDATE shadowed SET rowid = 9; INSERT INTO strict VALUES (1, 'a')`);
    expect(takeChanges(db)).toEqual([
      {
        op: 'INSERT',
        model: `o'x " 😀`,
        key: ["c'd", 'a "b'],
        after: { 'a "b': 'x', "c'd": 1, '😀': 'y', '': 2 },
      },
      { op: 'INSERT', model: 'plain', key: ['oid'], after: { oid: 1, rowid: 1, _rowid_: 2 } },
      { op: 'INSERT', model: 'shadowed', key: [], after: { rowid: 1, _rowid_: 2, oid: 3 } },
      { op: 'INSERT', model: 'made', key: ['id'], after: { id: 1, a: 1, twice: 2, thrice: 3 } },
      {
        op: 'UPDATE',
        model: 'made',
        key: ['id'],
        before: { id: 1, a: 1, twice: 2, thrice: 3 },
        after: { a: 2, twice: 4, thrice: 6 },
      },
      { op: 'UPDATE', model: 'plain', key: ['oid'], before: { oid: 1 }, after: { oid: 5 } },
      { op: 'INSERT', model: 'pair', key: ['b', 'a'], after: { a: 'p', b: 'q', c: 0 } },
      { op: 'UPDATE', model: 'pair', key: ['b', 'a'], before: { a: 'p', b: 'q', c: 0 }, after: { c: 1 } },
      { op: 'UPDATE', model: 'shadowed', key: [], before: { rowid: 1 }, after: { rowid: 9 } },
      { op: 'INSERT', model: 'strict', key: ['id'], after: { id: 1, v: 'a' } },
    ]);
  });

  it('is captured with two thousand columns', () => {
    const names = Array.from({ length: 1999 }, (_, n) => `c${n}`);
    const db = capturedDatabase(`CREATE TABLE wide (id INTEGER PRIMARY KEY, ${names.join(', ')})`);
    db.exec(
      "INSERT INTO wide (c0, c99, c1998) VALUES (1, 2, 'x'); UPDATE wide SET c5 = 5, c1998 = 7; REPLACE INTO wide (id) VALUES (1)",
    );
    const [insert, update, remove] = takeChanges(db);
    expect(insert?.after).toEqual({
      ...Object.fromEntries(names.map((name) => [name, null])),
      id: 1,
      c0: 1,
      c99: 2,
      c1998: 'x',
    });
    expect(update).toMatchObject({ before: { id: 1, c5: null, c1998: 'x' }, after: { c5: 5, c1998: 7 } });
    expect(Object.keys(remove?.before ?? {})).toHaveLength(2000);
  });

  it('shows what its rules let it show', () => {
    const db = capturedDatabase(
      'CREATE TABLE t (id INTEGER PRIMARY KEY, name, secret, hash, updated_at, label)',
      new TestCapturing({
        t: { exclude: ['hash'], redact: ['secret'], ignore: ['updated_at'], kept: ['label'] },
      }),
    );
    db.exec(`INSERT INTO t VALUES (1, 'a', 's', 'h', 1, 'l'); UPDATE t SET name = 'b', updated_at = 2; UPDATE t SET hash = 'g', updated_at = 3;
      UPDATE t SET secret = 'z', hash = 'f'; DELETE FROM t`);
    expect(takeChanges(db).map(({ before, after }) => [before, after])).toEqual([
      [undefined, { id: 1, name: 'a', secret: 1, updated_at: 1, label: 'l' }],
      [{ id: 1, name: 'a', label: 'l' }, { name: 'b' }],
      [{ id: 1, secret: 0, label: 'l' }, { secret: 1 }],
      [{ id: 1, name: 'b', secret: 0, updated_at: 3, label: 'l' }, undefined],
    ]);
  });

  it('is captured where it is written through a view, by its own triggers, and kept house for', () => {
    const db =
      capturedDatabase(`CREATE TABLE t (id INTEGER PRIMARY KEY, v); CREATE VIEW seen AS SELECT v FROM t;
      CREATE TRIGGER seen_insert INSTEAD OF INSERT ON seen BEGIN INSERT INTO t (v) VALUES (NEW.v); END`);
    db.exec(
      "VACUUM; ANALYZE; REINDEX; INSERT INTO seen VALUES ('a'); VACUUM; UPDATE t SET v = 'b'; DELETE FROM t",
    );
    expect(takeChanges(db).map(({ op, model }) => [op, model])).toEqual([
      ['INSERT', 't'],
      ['UPDATE', 't'],
      ['DELETE', 't'],
    ]);
  });

  it('that cannot be captured well is warned of, once', () => {
    const capturing = new TestCapturing();
    const db = capturedDatabase(
      'CREATE TABLE shadowed (rowid, _rowid_, oid); CREATE TABLE u (id INTEGER PRIMARY KEY, e); CREATE UNIQUE INDEX e ON u (lower(e))',
      capturing,
    );
    db.exec("REPLACE INTO u VALUES (1, 'a'); REPLACE INTO u VALUES (1, 'b')");
    expect(takeChanges(db).map(({ op }) => op)).toEqual(['INSERT', 'DELETE', 'INSERT']);
    expect(capturing.warnings).toEqual([
      expect.stringMatching(/shadowed has no key/),
      expect.stringMatching(/u has a unique index over an expression/),
    ]);
  });

  it('names no key of which a part may not be shown', () => {
    const db = capturedDatabase(
      'CREATE TABLE t (id INTEGER PRIMARY KEY, v)',
      new TestCapturing({ t: { redact: ['id'] } }),
    );
    db.exec('INSERT INTO t VALUES (1, 2)');
    expect(takeChanges(db)).toEqual([{ op: 'INSERT', model: 't', key: [], after: { id: 1, v: 2 } }]);
  });

  it('of another kind than rows of its own is not captured', () => {
    const capturing = new TestCapturing();
    const db = capturedDatabase(
      'CREATE VIRTUAL TABLE search USING fts5 (text); CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT); CREATE TEMP TABLE mine (x)',
      capturing,
    );
    expect(capturing.lines).toEqual(['SQLite database in memory: 1 table']);
    db.exec(
      "INSERT INTO search VALUES ('x'); INSERT INTO mine VALUES (1); ATTACH ':memory:' AS other; CREATE TABLE other.o (x); INSERT INTO other.o VALUES (1)",
    );
    expect(takeChanges(db)).toEqual([]);
    expect(capturing.warnings.join()).toContain('ATTACH');
  });
});

describe('who a record is about', () => {
  const HOSPITAL = `
    CREATE TABLE clinic (id TEXT PRIMARY KEY);
    CREATE TABLE person (id INTEGER PRIMARY KEY, clinic_id TEXT REFERENCES clinic);
    CREATE TABLE stay (a, b, personId INTEGER REFERENCES person (id) ON DELETE CASCADE, PRIMARY KEY (a, b));
    CREATE TABLE meal (id INTEGER PRIMARY KEY, sa, sb, FOREIGN KEY (sa, sb) REFERENCES stay ON DELETE CASCADE)`;
  const rules = {
    person: { subject: 'id', tenant: 'clinic.id' },
    stay: { subject: 'personId', tenant: 'person.clinic_id' },
    meal: { subject: 'sa.person.id', tenant: 'sa.person.clinic.id' },
    clinic: { subject: 'nowhere.id', tenant: 'id' },
  };

  it('is found over foreign keys, also composite ones, and is nobody when a cascade broke the path', () => {
    const capturing = new TestCapturing(rules);
    const db = capturedDatabase(HOSPITAL, capturing);
    db.exec(`INSERT INTO clinic VALUES ('north'); INSERT INTO person VALUES (7, 'north'); INSERT INTO stay VALUES (1, 2, 7);
      INSERT INTO meal VALUES (1, 1, 2), (2, NULL, 2); DELETE FROM meal WHERE id = 1; INSERT INTO meal VALUES (3, 1, 2); DELETE FROM person`);
    expect(takeChanges(db).map(({ op, model, subject, tenant }) => [op, model, subject, tenant])).toEqual([
      ['INSERT', 'clinic', undefined, 'north'],
      ['INSERT', 'person', '7', 'north'],
      ['INSERT', 'stay', '7', 'north'],
      ['INSERT', 'meal', '7', 'north'],
      ['INSERT', 'meal', null, null],
      ['DELETE', 'meal', '7', 'north'],
      ['INSERT', 'meal', '7', 'north'],
      ['DELETE', 'meal', null, null],
      ['DELETE', 'stay', '7', null],
      ['DELETE', 'person', '7', 'north'],
    ]);
    expect(capturing.warnings).toEqual([
      expect.stringContaining('The path nowhere.id of clinic cannot be followed'),
    ]);
  });
});
