import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { PgBed } from '../../../../test/capture/pg-bed.js';
import { postgresServers } from '../../../../test/servers/postgres.js';

const SCHEMA = `
CREATE TYPE mood AS ENUM ('calm', 'cross');
CREATE TABLE people (id int PRIMARY KEY, name text, born date, at timestamptz, weight numeric(6,2), big int8, score float8,
  data jsonb, raw bytea, tags text[], mood mood, "Odd ""Name" text, UNIQUE (name));
CREATE TABLE untracked (id int);`;
const ROWS = `DELETE FROM people; DELETE FROM untracked; INSERT INTO people
  SELECT n, 'name ' || n, '2000-02-29', '2020-01-01 12:34:56.789012+00', n + 0.5, 9007199254740993, 1.5, '{"a": [1, null]}',
    '\\x00ff', '{a,NULL,"b c"}', 'calm', 'odd' FROM generate_series(1, 5) n`;

type Case = [text: string, values?: unknown[]];

const STATEMENTS: Case[] = [
  ['SELECT * FROM people ORDER BY id'],
  ['SELECT 1 AS a, 2 AS a', []],
  ["INSERT INTO people (id, name) VALUES (10, 'x')"],
  ['INSERT INTO people (id, name) VALUES ($1, $2), ($3, $4)', [10, 'x', 11, null]],
  [
    'INSERT INTO people (id, name, data, raw, tags) VALUES ($1, $2, $3, $4, $5) RETURNING *',
    [10, 'y', { b: 1 }, Buffer.from([1, 200]), ['q', null]],
  ],
  ['INSERT INTO people (id) VALUES (1) ON CONFLICT DO NOTHING'],
  [
    "INSERT INTO people (id, name) VALUES (1, 'up'), (20, 'new') ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING id, name",
  ],
  ['UPDATE people SET score = score + 1'],
  ['UPDATE people SET score = score + $1 WHERE id > $2', [2, 2]],
  ['UPDATE people SET score = 0 WHERE id = 99'],
  ['UPDATE people SET score = 0 WHERE id = 99 RETURNING *'],
  ['UPDATE people SET score = 7 WHERE id < 3 RETURNING *'],
  ['UPDATE people SET score = 7 WHERE id = 3 RETURNING id, name AS "Name", "Odd ""Name", at'],
  ['UPDATE people SET score = 7 WHERE id < 3 RETURNING id, upper(name), score * $1, born', [2]],
  ['UPDATE people SET score = 7 WHERE id = 3 RETURNING id, id'],
  [
    'UPDATE people AS p SET name = o.name || $1 FROM people o WHERE o.id = p.id AND p.id = 2 RETURNING p.*, o.id',
    ['!'],
  ],
  ['DELETE FROM people WHERE id = 5'],
  ['DELETE FROM people RETURNING mood, tags, raw, weight, big'],
  ['DELETE FROM people WHERE false'],
  ['INSERT INTO untracked VALUES (1), (2)'],
  ['UPDATE untracked SET id = 3 RETURNING *'],
  ["UPDATE people SET score = 1; DELETE FROM people WHERE id = 1; SELECT 'done' AS said"],
  ['TRUNCATE people'],
  ["WITH w AS (UPDATE people SET name = 'w' WHERE id = 1 RETURNING id) SELECT * FROM w"],
  [''],
  ['-- nothing'],
];

const WRONG: Case[] = [
  ['UPDATE people SET nothing = 1'],
  ['UPDATE people SET score = nothing WHERE id = 1'],
  ['UPDATE nowhere SET a = $1', [1]],
  ['UPDATE people SET score = $1', []],
  ['UPDATE people SET score = $1', [1, 2]],
  ['UPDATE people SET score = 1', [1]],
  ['UPDATE people SET born = $1', ['no date']],
  ["UPDATE people SET name = 'name 1' WHERE id = 2"],
  ['UPDATE people SET id = NULL WHERE id = 2'],
  ['UPDATE people SET score = 1 / 0'],
  ['UPDATE people SET score = 1 RETURNING nothing'],
  ["INSERT INTO people (id, mood) VALUES (30, 'glad')"],
  ['INSERT INTO people (id, mood) VALUES (30, $1)', ['glad']],
  ['UPDAT people'],
];

/** Everything an application can see of a result; the order of rows is nobody's promise. */
function seen(result: unknown): unknown {
  if (Array.isArray(result)) return result.map(seen);
  const { command, rowCount, oid, fields, rows } = result as pg.QueryResult;
  return {
    command,
    rowCount,
    oid,
    fields: fields.map((field) => ({ ...field })),
    rows: rows.toSorted(byText),
  };
}

function byText(one: unknown, other: unknown): number {
  return JSON.stringify(one) < JSON.stringify(other) ? -1 : 1;
}

function told(error: unknown): unknown {
  const { message, code, constraint, detail, severity, table, schema, column, hint } =
    error as pg.DatabaseError;
  return { message, code, constraint, detail, severity, table, schema, column, hint };
}

describe.each(postgresServers())('an answer on $name', (server) => {
  let bed: PgBed;
  let client: pg.Client;

  beforeAll(async () => {
    bed = await PgBed.open(server, SCHEMA);
    client = await bed.client();
  });
  afterAll(() => bed.close());
  beforeEach(async () => {
    await bed.plain.query(ROWS);
    await bed.take();
  });

  async function expectAlike(ask: (on: pg.Client) => Promise<unknown>): Promise<void> {
    const outcomes: unknown[] = [];
    for (const on of [bed.plain, client]) {
      await bed.plain.query(ROWS);
      outcomes.push(
        await ask(on).then(
          (result) => ({ result: seen(result) }),
          (error: unknown) => ({ error: told(error) }),
        ),
      );
    }
    expect(outcomes[1]).toEqual(outcomes[0]);
  }

  it.each([...STATEMENTS, ...WRONG])('is the one that was asked for: %s', async (text, values = []) => {
    const ways: object[] = [
      values.length > 0 ? { values } : {},
      { values, rowMode: 'array' },
      { values, types: { getTypeParser: () => (value: unknown) => ['raw', value] } },
      { values, binary: true },
      { values, name: text.slice(0, 60) },
      { values, name: text.slice(0, 60) },
    ];
    for (const way of ways) await expectAlike((on) => on.query<pg.QueryResultRow>({ text, ...way }));
    await expectAlike(
      (on) =>
        new Promise((resolve, reject) => {
          on.query(text, values, (error, result) => (error ? reject(error) : resolve(result)));
        }),
    );
  });
});
