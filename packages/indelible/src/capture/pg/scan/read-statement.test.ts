import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readStatement } from './read-statement.js';

/** What was read, with each part as its text, and without what is not there. */
function shown(text: string): Record<string, unknown> {
  return part(readStatement(text), text);
}

function part(read: object, text: string): Record<string, unknown> {
  const entries = Object.entries(read).filter(
    ([key, value]) => !['end', 'reason'].includes(key) && value !== undefined && value !== false,
  );
  return Object.fromEntries(entries.map(([key, value]) => [key, of(value, text)]));
}

function of(value: unknown, text: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if ('start' in value && 'end' in value) return text.slice(Number(value.start), Number(value.end));
  return part(value, text);
}

describe('a statement as an ORM sends it', () => {
  it('is taken apart for Prisma', () => {
    expect(
      shown(
        'INSERT INTO "public"."User" ("id","name") VALUES ($1,$2), ($3,$4) ON CONFLICT ("id") DO UPDATE SET "name" = $5 WHERE ("public"."User"."id" = $6 AND 1=1) RETURNING "public"."User"."id", "public"."User"."name"',
      ),
    ).toEqual({
      kind: 'write',
      verb: 'INSERT',
      table: { schema: 'public', name: 'User' },
      target: '"public"."User"',
      source: '("id","name") VALUES ($1,$2), ($3,$4)',
      conflict: {
        target: '("id")',
        action: 'UPDATE',
        set: '"name" = $5',
        assigned: ['name'],
        where: '("public"."User"."id" = $6 AND 1=1)',
      },
      assigned: [],
      returning: '"public"."User"."id", "public"."User"."name"',
      returned: ['id', 'name'],
      parameters: 6,
    });
    expect(
      shown(
        `UPDATE "public"."User" SET "n" = "public"."User"."n" + $1, "at" = $2 WHERE ("public"."User"."id" IN ($3,$4)) /* traceparent='00-1', model='User%20WHERE' */`,
      ),
    ).toEqual({
      kind: 'write',
      verb: 'UPDATE',
      table: { schema: 'public', name: 'User' },
      target: '"public"."User"',
      set: '"n" = "public"."User"."n" + $1, "at" = $2',
      assigned: ['n', 'at'],
      where: '("public"."User"."id" IN ($3,$4))',
      parameters: 4,
    });
  });

  it('is taken apart for Drizzle', () => {
    expect(
      shown(
        'insert into "patients" ("id", "name") values ($1, $2), ($3, default) on conflict ("id") where "patients"."n" > $4 do update set "name" = excluded.name where "patients"."n" > $5 returning "id", "name"',
      ),
    ).toEqual({
      kind: 'write',
      verb: 'INSERT',
      table: { name: 'patients' },
      target: '"patients"',
      source: '("id", "name") values ($1, $2), ($3, default)',
      conflict: {
        target: '("id") where "patients"."n" > $4',
        action: 'UPDATE',
        set: '"name" = excluded.name',
        assigned: ['name'],
        where: '"patients"."n" > $5',
      },
      assigned: [],
      returning: '"id", "name"',
      returned: ['id', 'name'],
      parameters: 5,
    });
    expect(
      shown(
        'with "sq" as (select "id", "name" from "u") delete from "patients" where "patients"."id" = (select id from "sq") returning "id"',
      ),
    ).toEqual({
      kind: 'write',
      verb: 'DELETE',
      with: 'with "sq" as (select "id", "name" from "u")',
      table: { name: 'patients' },
      target: '"patients"',
      assigned: [],
      where: '"patients"."id" = (select id from "sq")',
      returning: '"id"',
      returned: ['id'],
      parameters: 0,
    });
  });

  it('is taken apart for Kysely', () => {
    expect(
      shown('update "patients" as "p" set "a" = $1 from "u" where "u"."id" = "p"."id" returning "p".*'),
    ).toEqual({
      kind: 'write',
      verb: 'UPDATE',
      table: { name: 'patients' },
      target: '"patients" as "p"',
      alias: '"p"',
      set: '"a" = $1',
      assigned: ['a'],
      from: '"u"',
      where: '"u"."id" = "p"."id"',
      returning: '"p".*',
      returned: ['*'],
      parameters: 1,
    });
    expect(shown('with "x" as (insert into "a" ("b") values ($1) returning "id") select * from "x"')).toEqual(
      { kind: 'unsupported', verb: 'WITH', tables: [{ name: 'a' }] },
    );
  });

  it('is taken apart for TypeORM', () => {
    expect(
      shown(
        'INSERT INTO "patients"("id", "name", "v") VALUES (DEFAULT, $1, 1) ON CONFLICT ( "id" ) DO UPDATE SET "name" = EXCLUDED."name"  RETURNING "id", "v"',
      ),
    ).toEqual({
      kind: 'write',
      verb: 'INSERT',
      table: { name: 'patients' },
      target: '"patients"',
      source: '("id", "name", "v") VALUES (DEFAULT, $1, 1)',
      conflict: {
        target: '( "id" )',
        action: 'UPDATE',
        set: '"name" = EXCLUDED."name"',
        assigned: ['name'],
      },
      assigned: [],
      returning: '"id", "v"',
      returned: ['id', 'v'],
      parameters: 1,
    });
    expect(shown('UPDATE "patients" SET "v" = "v" + 1, "at" = CURRENT_TIMESTAMP WHERE "id" IN ($1)')).toEqual(
      {
        kind: 'write',
        verb: 'UPDATE',
        table: { name: 'patients' },
        target: '"patients"',
        set: '"v" = "v" + 1, "at" = CURRENT_TIMESTAMP',
        assigned: ['v', 'at'],
        where: '"id" IN ($1)',
        parameters: 1,
      },
    );
  });

  it('is taken apart for Sequelize', () => {
    expect(
      shown(
        `INSERT INTO "patients" ("id","name") VALUES (DEFAULT,'o''brien; DELETE'),(1,E'it\\'s') RETURNING "id","name";`,
      ),
    ).toEqual({
      kind: 'write',
      verb: 'INSERT',
      table: { name: 'patients' },
      target: '"patients"',
      source: `("id","name") VALUES (DEFAULT,'o''brien; DELETE'),(1,E'it\\'s')`,
      assigned: [],
      returning: '"id","name"',
      returned: ['id', 'name'],
      parameters: 0,
    });
    expect(
      shown(
        'DELETE FROM "patients" WHERE "id" IN (SELECT "id" FROM "patients" WHERE "id" IN (1, 2) LIMIT 3)',
      ),
    ).toEqual({
      kind: 'write',
      verb: 'DELETE',
      table: { name: 'patients' },
      target: '"patients"',
      assigned: [],
      where: '"id" IN (SELECT "id" FROM "patients" WHERE "id" IN (1, 2) LIMIT 3)',
      parameters: 0,
    });
    expect(shown('START TRANSACTION ISOLATION LEVEL REPEATABLE READ;')).toEqual({ kind: 'other' });
    expect(shown('TRUNCATE "patients", s.t CASCADE')).toEqual({
      kind: 'unsupported',
      verb: 'TRUNCATE',
      tables: [{ name: 'patients' }, { schema: 's', name: 't' }],
    });
  });
});

describe('a name', () => {
  it.each([
    ['Patients', 'patients'],
    ['"Pa""tients"', 'Pa"tients'],
    ['ÄRGER$1', 'Ärger$1'],
    ['U&"d\\0061t\\+000061"', 'data'],
    [`U&"d!0061t!!" UESCAPE '!'`, 'dat!'],
    [`U&"x\\00""" /* */ uescape -- \n '/'`, 'x\\00"'],
    [`${'x'.repeat(62)}ab`, `${'x'.repeat(62)}a`],
    [`"${'x'.repeat(62)}é"`, 'x'.repeat(62)],
    ['values', 'values'],
  ])('%s is read as %s', (written, name) => {
    expect(readStatement(`DELETE FROM ${written} WHERE a`)).toMatchObject({ kind: 'write', table: { name } });
    expect(readStatement(`UPDATE a.${written} SET ${written} = 1`)).toMatchObject({
      table: { schema: 'a', name },
      assigned: [name],
    });
  });
});

describe('the returned names', () => {
  it.each([
    ['id, t.name, public.t.n AS "From", x y', ['id', 'name', 'From', 'y']],
    ['*', ['*']],
    ['T.*', ['*']],
    ['s.t.*', ['*']],
    ['u.*', undefined],
    ['*, id', undefined],
    ['id, "id"', undefined],
    ['id, x AS id', undefined],
    ['id::text', undefined],
    ['count(*) AS n', undefined],
    ['a + b AS n', undefined],
    ['id ISNULL', undefined],
    ['t', undefined],
    ['current_user', undefined],
    ['"current_user", t.current_user AS from', ['current_user', 'from']],
    [`'RETURNING id'`, undefined],
  ])('of RETURNING %s are %j', (list, returned) => {
    expect(readStatement(`DELETE FROM s.t RETURNING ${list}`)).toMatchObject({ kind: 'write', returned });
  });

  it('are unknown where a star may hold the columns of another table', () => {
    expect(readStatement('DELETE FROM t USING u RETURNING *')).toMatchObject({ returned: undefined });
    expect(readStatement('DELETE FROM t AS x USING u RETURNING t.*')).toMatchObject({ returned: undefined });
    expect(readStatement('DELETE FROM t AS x USING u RETURNING x.*')).toMatchObject({ returned: ['*'] });
  });
});

describe('what cannot be taken apart', () => {
  it.each<[string, string, ...string[]]>([
    ['MERGE INTO a.t USING s ON true WHEN MATCHED THEN DELETE', 'MERGE', 't'],
    ['WITH x AS (SELECT 1) MERGE INTO t USING x ON true WHEN MATCHED THEN DELETE', 'MERGE', 't'],
    ['WITH x AS (UPDATE ONLY t SET a = 1) SELECT 1', 'WITH', 't'],
    ['SELECT * FROM (WITH x AS (SELECT 1), y AS (DELETE FROM t) SELECT 1) q', 'WITH', 't'],
    ['WITH x AS (WITH y AS (SELECT 1) INSERT INTO t TABLE y) SELECT 1', 'WITH', 't'],
    ['WITH RECURSIVE x AS (SELECT 1) CYCLE a SET b USING c, y AS (DELETE FROM t) SELECT 1', 'WITH', 't'],
    ['CREATE TABLE n AS WITH x AS (DELETE FROM t RETURNING *) TABLE x', 'WITH', 't'],
    ['INSERT INTO t WITH x AS (DELETE FROM u) SELECT 1', 'WITH', 'u', 't'],
    ['COPY t (a, b) FROM STDIN', 'COPY', 't'],
    ['COPY (INSERT INTO t VALUES (1) RETURNING a) TO STDOUT', 'COPY', 't'],
    ['TRUNCATE TABLE ONLY t', 'TRUNCATE', 't'],
    ['DO $$ BEGIN DELETE FROM t; END $$', 'DO'],
    ['CALL f()', 'CALL'],
    ['EXECUTE p(1)', 'EXECUTE'],
    ['PREPARE p (int) AS UPDATE t SET a = $1', 'PREPARE', 't'],
    ['EXPLAIN ANALYZE DELETE FROM t', 'EXPLAIN', 't'],
    ['EXPLAIN (COSTS off, ANALYZE) DELETE FROM t', 'EXPLAIN', 't'],
    ['EXPLAIN ANALYZE EXECUTE p', 'EXPLAIN'],
    ['DELETE FROM t WHERE CURRENT OF c', 'CURRENT OF', 't'],
    ['DELETE FROM t RETURNING old.a', 'RETURNING', 't'],
    ['UPDATE t SET a = 1 RETURNING f("new".a, 1)', 'RETURNING', 't'],
    ['UPDATE t SET a = 1 RETURNING WITH (OLD AS o) o.a', 'RETURNING', 't'],
    ['BEGIN; DELETE FROM t; COMMIT', 'MULTIPLE', 't'],
    ['INSERT INTO t VALUES (1); UPDATE u SET a = 1; DELETE FROM T', 'MULTIPLE', 't', 'u'],
    ['UPDATE f() SET a = 1', 'UPDATE', 'f'],
    ['UPDATE t SET a = 1 WHERE b ORDER BY c', 'UPDATE', 't'],
    ['UPDATE t SET a = 1 WHERE b) OR (c', 'UPDATE', 't'],
    ['DELETE FROM t WHERE', 'DELETE', 't'],
    [`DELETE FROM t WHERE a = 'b`, 'DELETE', 't'],
    ['DELETE FROM t WHERE a /* b', 'DELETE', 't'],
    ['DELETE FROM t WHERE a = 1\0', 'DELETE', 't'],
    ['INSERT INTO t (a) VALUES (1) ON CONFLICT DO SELECT', 'INSERT', 't'],
    ['UPSERT INTO t VALUES (1)', 'UPSERT'],
    ['1', 'UNKNOWN'],
  ])('is %j', (text, verb, ...names) => {
    const { tables, ...rest } = shown(text);
    expect(rest).toEqual({ kind: 'unsupported', verb });
    expect(tables).toEqual(names.map((name) => expect.objectContaining({ name })));
  });
});

describe('a statement that only reads', () => {
  it.each([
    '',
    ' ;; -- DELETE FROM t',
    'SELECT * FROM t WHERE a = 1 FOR UPDATE',
    '((SELECT 1) UNION (VALUES (2)))',
    `SELECT 'x; DELETE FROM t' AS delete, "update" FROM insert`,
    'SELECT 1; SELECT 2; COMMIT;',
    'SELECT * FROM f() AS (insert int)',
    'EXPLAIN UPDATE t SET a = 1',
    'EXPLAIN (ANALYZE false) UPDATE t SET a = 1',
    'PREPARE p AS SELECT 1',
    `PREPARE TRANSACTION 'x'`,
    'COPY t TO STDOUT',
    'COPY (SELECT 1) TO STDOUT',
    'DECLARE c CURSOR FOR SELECT 1',
    'ROLLBACK TO SAVEPOINT update',
    'SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY',
    'RESET role',
    'LISTEN delete',
    'VACUUM t',
  ])('is passed on: %s', (text) => {
    expect(shown(text)).toEqual({ kind: 'other' });
  });
});

describe('a definition', () => {
  it.each([
    'CREATE TABLE a AS SELECT 1',
    'SELECT a INTO TEMP b FROM c',
    'WITH x AS (SELECT 1) SELECT * INTO b FROM x',
    'ALTER TABLE a RENAME TO b',
    'BEGIN; ALTER TABLE a ADD b int; CREATE INDEX ON a (b); COMMIT',
    'CREATE RULE r AS ON INSERT TO a DO ALSO (DELETE FROM b; DELETE FROM c)',
    'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; DELETE FROM t; END; SELECT 1',
    'CREATE FUNCTION f() RETURNS int AS $$ DELETE FROM t; $$ LANGUAGE sql',
    'DISCARD TEMP',
  ])('is seen: %s', (text) => {
    expect(readStatement(text).kind).toBe('definition');
  });
});

describe('the search path', () => {
  it.each<[string, readonly string[] | undefined, boolean]>([
    ['SET search_path TO "$user", Public', ['$user', 'public'], false],
    [`SET LOCAL search_path = 'a, B'`, ['a, B'], true],
    ['SET SESSION "SEARCH_PATH" TO tenant_1;', ['tenant_1'], false],
    ['SET search_path TO DEFAULT', undefined, false],
    [`SET SCHEMA 'x'`, ['x'], false],
    ['RESET search_path', undefined, false],
    ['RESET ALL', undefined, false],
    ['DISCARD ALL', undefined, false],
    [`SELECT set_config('search_path', 'a, "B,c"', true)`, ['a', 'B,c'], true],
    [`SELECT pg_catalog.set_config('search_path', '', false);`, [], false],
    [`SELECT set_config('search_path', $1, true) AS x`, undefined, true],
    [`SELECT set_config($1, $2, true)`, undefined, false],
    [`SELECT 1, set_config('search_path', 'a', false)`, undefined, false],
    [`BEGIN; SET LOCAL search_path TO a; SET LOCAL search_path TO b`, ['b'], true],
    [`SET search_path TO a; SET LOCAL search_path TO b`, undefined, false],
  ])('is read in %s', (text, schemas, isLocal) => {
    expect(readStatement(text)).toEqual({ kind: 'search-path', schemas, isLocal });
  });

  it('is not set by a call for another setting', () => {
    expect(readStatement(`SELECT set_config('app.tenant', $1, true), set_config('a.b', 'c', true)`)).toEqual({
      kind: 'other',
    });
  });
});

const KINDS = new Set(['write', 'unsupported', 'definition', 'search-path', 'other']);

describe('any text', () => {
  it('is read without throwing', () => {
    const words = fc.constantFrom(
      ...`insert into update delete from where set with as ( ) [ ] , ; . * = ' " $$ $a$ -- /* */ E' U&" uescape
        returning on conflict do nothing select values explain prepare copy create begin atomic end case old new \\
        search_path set_config ( ' ) x 1 $1 :: := ~ + - \0 \n`.split(' '),
    );
    const glued = fc.array(
      fc.oneof({ weight: 9, arbitrary: words }, fc.string({ unit: 'binary', maxLength: 10 })),
      {
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(glued, fc.constantFrom('', ' '), (parts, blank) =>
        KINDS.has(readStatement(parts.join(blank)).kind),
      ),
      { numRuns: 300 },
    );
  });

  it.each([
    ['parentheses', 'SELECT ', '('],
    ['blocks of comment', 'SELECT ', '/*'],
    ['signs', 'SELECT 1', '+-'],
    ['dollars', 'SELECT ', '$a$ $'],
    ['quotes', `SELECT `, `'`],
    ['names with escapes', 'SELECT ', 'U&"a" uescape '],
    ['parts of WITH', 'WITH ', 'a AS (INSERT '],
    ['EXPLAIN', '', 'EXPLAIN '],
    ['statements', '', 'DELETE FROM t;'],
    ['assignments', 'UPDATE t SET ', 'a = 1, '],
    ['ON', 'INSERT INTO t SELECT 1 FROM a ', 'on '],
  ])('is read in time linear to its length: %s', (_, start, again) => {
    const took = (length: number): number => {
      const text = start + again.repeat(length / again.length);
      const before = performance.now();
      readStatement(text);
      return performance.now() - before;
    };
    took(50_000);
    expect(took(500_000)).toBeLessThan(5_000);
  });
});
