import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { CapturedDatabase } from '../../../../test/captured-database.js';
import { postgresServers } from '../../../../test/servers/postgres.js';

const SESSIONS = [
  `RESET ALL`,
  `SET DateStyle = 'German'; SET TimeZone = 'Asia/Kolkata'; SET bytea_output = 'escape'; SET standard_conforming_strings = off`,
];

/** A type, values of it as literals, and how each is to be written. */
const VALUES: [type: string, values: [literal: string, written: unknown][]][] = [
  [
    'bool',
    [
      ['true', true],
      ['false', false],
    ],
  ],
  ['smallint', [['-32768', -32768]]],
  ['int', [['2147483647', 2147483647]]],
  ['bigint', [['9223372036854775807', '9223372036854775807']]],
  [
    'numeric',
    [
      ['1.50', '1.50'],
      [`'NaN'`, 'NaN'],
      [`'-Infinity'`, '-Infinity'],
      ['1e130', `1${'0'.repeat(130)}`],
    ],
  ],
  ['numeric(6,2)', [['1.5', '1.50']]],
  [
    'real',
    [
      ['1.1', 1.1],
      [`'NaN'`, 'NaN'],
    ],
  ],
  [
    'double precision',
    [
      ['0.1', 0.1],
      [`'Infinity'`, 'Infinity'],
      [`'-0'`, -0],
      ['1e300', 1e300],
    ],
  ],
  [
    'text',
    [
      [`''`, ''],
      [`U&'a"\\005c\\0001\\+01F9B7 \\2028'`, 'a"\\\u0001\u{1F9B7} \u2028'],
    ],
  ],
  ['varchar(9)', [[`'abc'`, 'abc']]],
  ['char(4)', [[`'ab'`, 'ab  ']]],
  [
    '"char"',
    [
      [`'x'`, 'x'],
      [`''`, ''],
    ],
  ],
  ['name', [[`'n'`, 'n']]],
  ['uuid', [[`'00000000-0000-4000-8000-00000000000a'`, '00000000-0000-4000-8000-00000000000a']]],
  [
    'date',
    [
      [`'2024-02-29'`, '2024-02-29'],
      [`'infinity'`, 'infinity'],
      [`'0044-03-15 BC'`, '0044-03-15 BC'],
    ],
  ],
  ['time', [[`'24:00:00'`, '24:00:00']]],
  ['timetz', [[`'12:00:00+05'`, '12:00:00+05']]],
  [
    'timestamp',
    [
      [`'2024-01-01 10:00:00.123456'`, '2024-01-01T10:00:00.123456'],
      [`'-infinity'`, '-infinity'],
    ],
  ],
  [
    'timestamptz',
    [
      [`'2024-01-01 10:00:00.123456+02'`, '2024-01-01T08:00:00.123456Z'],
      [`'infinity'`, 'infinity'],
      [`'0044-03-15 00:00+00 BC'`, '0044-03-15T00:00:00 BCZ'],
      [`'294276-12-31 23:59:59+00'`, '294276-12-31T23:59:59Z'],
    ],
  ],
  ['interval', [[`'1 day 2 hours'`, '1 day 02:00:00']]],
  ['bytea', [[`'\\x00ff'::bytea`, '~b:2:06eb7d6a69ee19e5fbdf749018d3d2abfa04bcbd1365db312eb86dc7169389b8']]],
  [
    'json',
    [
      [`'{"b": 1.0, "b": [null]}'`, { b: [null] }],
      [`'null'`, null],
    ],
  ],
  [
    'jsonb',
    [
      [`'{"a": {"b": "\u00e9\\n"}}'`, { a: { b: 'é\n' } }],
      [`'"x"'`, 'x'],
    ],
  ],
  ['xml', [[`'<a>"</a>'`, '<a>"</a>']]],
  ['inet', [[`'10.0.0.1/8'`, '10.0.0.1/8']]],
  ['macaddr', [[`'08:00:2b:01:02:03'`, '08:00:2b:01:02:03']]],
  ['bit(3)', [[`B'101'`, '101']]],
  ['point', [[`'(1,2)'`, '(1,2)']]],
  ['box', [[`'(2,2),(1,1)'`, '(2,2),(1,1)']]],
  [
    'int4range',
    [
      [`'[1,5)'`, '[1,5)'],
      [`'empty'`, 'empty'],
    ],
  ],
  ['int8multirange', [[`'{[1,5)}'`, '{[1,5)}']]],
  ['tsvector', [[`'a:1 b:2'`, `'a':1 'b':2`]]],
  ['oid', [['7', '7']]],
  ['pg_lsn', [[`'16/B374D848'`, '16/B374D848']]],
  ['mood', [[`'calm "down"'`, 'calm "down"']]],
  ['pair', [[`ROW(1, 'x"')`, '(1,"x""")']]],
  ['email', [[`'a@b'`, 'a@b']]],
  ['exact', [['9007199254740993', '9007199254740993']]],
  [
    'int[]',
    [
      [`'{1,NULL,3}'`, [1, null, 3]],
      [`'{}'`, []],
      [
        `'{{1,2},{3,4}}'`,
        [
          [1, 2],
          [3, 4],
        ],
      ],
      [`'[0:1]={1,2}'`, [1, 2]],
    ],
  ],
  [
    'bigint[]',
    [
      [`'{9007199254740993,NULL}'`, ['9007199254740993', null]],
      [`'{{1},{2}}'`, [['1'], ['2']]],
    ],
  ],
  ['numeric[]', [[`'{1.50,NaN}'`, ['1.50', 'NaN']]]],
  ['text[]', [[`ARRAY['a"', NULL, '{}']`, ['a"', null, '{}']]]],
  ['mood[]', [[`ARRAY['calm "down"']::mood[]`, ['calm "down"']]]],
  ['pair[]', [[`ARRAY[ROW(1, 'x')]::pair[]`, ['(1,x)']]]],
  ['json[]', [[`ARRAY['{"a": 1}']::json[]`, [{ a: 1 }]]]],
  [
    'timestamptz[]',
    [
      [`'{2024-01-01 10:00+02,infinity,NULL}'`, ['2024-01-01T08:00:00Z', 'infinity', null]],
      [`'{}'`, []],
    ],
  ],
  [
    'bytea[]',
    [
      [
        `ARRAY['\\x00ff'::bytea, NULL]`,
        ['~b:2:06eb7d6a69ee19e5fbdf749018d3d2abfa04bcbd1365db312eb86dc7169389b8', null],
      ],
    ],
  ],
  ['date[]', [[`'{2024-01-01}'`, ['2024-01-01']]]],
  ['exact[]', [['ARRAY[1]::exact[]', ['1']]]],
];

const SCHEMA = `
CREATE TYPE mood AS ENUM ('calm "down"', 'cross');
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN email AS text CHECK (value LIKE '%@%');
CREATE DOMAIN exact AS bigint;
CREATE TABLE "values" (id int PRIMARY KEY, ${VALUES.map(([type], at) => `c${at} ${type}`).join(', ')});
CREATE TABLE wide (id int PRIMARY KEY, ${Array.from({ length: 320 }, (_, at) => `w${at} int`).join(', ')});
CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE alike (id int PRIMARY KEY, a text COLLATE blind, n numeric, f float8, i interval, j json, ns numeric[]);
`;

describe.each(postgresServers())('a value on $name', (server) => {
  let database: CapturedDatabase;

  beforeAll(async () => {
    database = await CapturedDatabase.open(server, SCHEMA);
    await database.client.query('DROP TRIGGER zz_truth ON wide; DROP TRIGGER zz_truth ON "values"');
  });
  afterAll(() => database.close());

  async function changes(): Promise<Awaited<ReturnType<CapturedDatabase['captured']>>> {
    const captured = await database.captured();
    await database.client.query('TRUNCATE indelible_outbox');
    return captured;
  }

  it.each(SESSIONS)('is written exactly, and the same in every session: %s', async (settings) => {
    await database.client.query(`${settings}; SET escape_string_warning = off; DELETE FROM "values"`);
    const cases = VALUES.flatMap(([type, values], at) =>
      values.map(([literal, written]) => ({ column: `c${at}`, type, literal, written })),
    );
    const wrong: unknown[] = [];
    for (const [id, { column, type, literal, written }] of cases.entries()) {
      const value = settings.includes('off') ? literal.replaceAll(/(?<!U&[^,]*)\\/g, '\\\\') : literal;
      if (settings.includes('off') && literal.startsWith('U&')) continue;
      if (settings.includes('German') && type === 'timestamptz[]') continue;
      await database.run(`INSERT INTO "values" (id, ${column}) VALUES (${id}, (${value})::${type})`);
      await database.run(`UPDATE "values" SET ${column} = NULL WHERE id = ${id}`);
      await database.run(`UPDATE "values" SET ${column} = (${value})::${type}, id = ${id} WHERE id >= ${id}`);
      const seen = await changes();
      if (column !== '' && seen.length < (written === null ? 2 : 3)) wrong.push([type, literal, seen]);
      const values = [seen[0]?.after?.[column], seen[1]?.before?.[column], seen[2]?.after?.[column]];
      for (const each of values)
        if (!Object.is(JSON.stringify(each), JSON.stringify(written))) wrong.push([type, literal, each]);
    }
    await database.client.query('RESET ALL');
    expect(wrong).toEqual([]);
  });

  it('may stand in a table wider than a function takes arguments', async () => {
    await database.run('INSERT INTO wide (id, w0, w319) VALUES (1, 5, 7)');
    await database.run(
      `UPDATE wide SET ${Array.from({ length: 320 }, (_, at) => `w${at} = ${at % 3 === 0 ? 1 : 'NULL'}`).join(', ')}`,
    );
    await database.run('DELETE FROM wide');
    const [inserted, updated, deleted] = await changes();
    expect(Object.keys(inserted?.after ?? {})).toHaveLength(321);
    expect(inserted?.after).toMatchObject({ id: 1, w0: 5, w1: null, w319: 7 });
    expect(updated?.before).toMatchObject({ id: 1, w0: 5, w3: null, w319: 7 });
    expect(Object.keys(updated?.after ?? {})).toHaveLength(108);
    expect(deleted?.before).toMatchObject({ id: 1, w3: 1, w319: null });
  });

  it('that is equal to what it replaces and yet another is a change', async () => {
    await database.client.query(
      `INSERT INTO alike VALUES (1, 'a', 1.0, 0, '1 day', '{"a":1}', '{1.0}'); TRUNCATE truth`,
    );
    for (const set of [
      `a = 'A'`,
      'n = 1.00',
      `f = '-0'`,
      `i = '24 hours'`,
      `j = '{"a": 1}'`,
      `ns = '{1.00}'`,
    ]) {
      await database.run(`UPDATE alike SET ${set}`);
      expect(await changes(), set).toHaveLength(1);
      await database.run(`UPDATE alike SET ${set} WHERE id = 1`);
      expect(await changes(), set).toHaveLength(0);
    }
  });

  it('of many megabytes neither fails nor is kept whole', async () => {
    await database.client.query('TRUNCATE alike, truth');
    await database.client.query('ALTER TABLE alike ALTER a TYPE text COLLATE "C", DISABLE TRIGGER zz_truth');
    await database.load();
    await database.run(`INSERT INTO alike (id, a) VALUES (1, repeat(chr(1), 200000000))`);
    const { rows } = await database.client.query(
      'SELECT length(unnest(bodies)) AS length, octet_length(a) AS kept FROM indelible_outbox, alike',
    );
    expect(rows[0].kept).toBe(200_000_000);
    expect(rows[0].length).toBeLessThan(8_000_000);
    await database.client.query('TRUNCATE indelible_outbox');
  });
});
