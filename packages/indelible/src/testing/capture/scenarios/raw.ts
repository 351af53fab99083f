import assert from 'node:assert/strict';

import { expectTold } from '../expectations.js';
import { type Scenario, scenario } from '../scenario.js';
import { IDS } from '../seed.js';

/** SQL of the application's own, sent through the ORM. */
export const RAW: readonly Scenario[] = [
  scenario(
    'P1: raw writes are told like any other',
    ['rawWrite'],
    async ({ actions, database }) => {
      const [one, two] = database === 'postgres' ? ['$1', '$2'] : ['?', '?'];
      return [
        await actions.rawWrite(`INSERT INTO tag (label, color) VALUES (${one}, ${two})`, ['anxious', 'grey']),
        await actions.rawWrite(`UPDATE tag AS t SET color = ${one} WHERE t.label = ${two}`, [
          'pink',
          'anxious',
        ]),
        await actions.rawWrite(`DELETE FROM tag WHERE label = ${one}`, ['anxious']),
      ];
    },
    { check: (outcome) => expectTold(outcome, ['CREATE Tag', 'UPDATE Tag', 'DELETE Tag']) },
  ),
  scenario(
    'P1: raw writes that answer rows answer what they answer without capture',
    ['rawRows'],
    async ({ actions }) => [
      await actions.rawRows(
        "INSERT INTO tag (label, color) VALUES ('a', 'b'), ('c', 'd') RETURNING id, upper(label) AS loud",
        [],
      ),
      await actions.rawRows("UPDATE tag SET color = color || '!' WHERE id < 3 RETURNING *", []),
      await actions.rawRows('DELETE FROM tag WHERE id = 3 RETURNING label AS "The Label"', []),
    ],
    { check: ({ account }) => assert.equal(account.rows, 5) },
  ),
  scenario(
    'P1: a raw upsert tells creates and updates apart',
    ['rawWrite'],
    ({ actions }) =>
      actions.rawWrite(
        `INSERT INTO tag (label, color) VALUES ('urgent', 'black'), ('calm', 'white'), ('child', 'green')
         ON CONFLICT (label) DO UPDATE SET color = excluded.color WHERE tag.color <> excluded.color`,
        [],
      ),
    { check: (outcome) => expectTold(outcome, ['UPDATE Tag', 'CREATE Tag']) },
  ),
  scenario(
    'P1: a write below a WITH that only reads is told row by row',
    ['rawWrite'],
    ({ actions }) =>
      actions.rawWrite(
        `WITH dear AS (SELECT id FROM service WHERE price > 100)
         UPDATE service SET name = name || ' (dear)' WHERE id IN (SELECT id FROM dear)`,
        [],
      ),
    { check: (outcome) => expectTold(outcome, ['UPDATE Service', 'UPDATE Service']) },
  ),
  scenario(
    'P1: an update whose condition it changes itself tells what it changed',
    ['rawWrite'],
    ({ actions }) =>
      actions.rawWrite(
        `UPDATE appointment SET status = 'held' WHERE id IN
         (SELECT id FROM appointment WHERE status = 'booked' ORDER BY id LIMIT 2)`,
        [],
      ),
    { check: (outcome) => expectTold(outcome, ['UPDATE Appointment', 'UPDATE Appointment']) },
  ),
  scenario(
    'P1: a write inside a WITH is told as a statement, with its tables',
    ['rawRows'],
    ({ actions }) =>
      actions.rawRows(
        'WITH gone AS (DELETE FROM tag WHERE id = 3 RETURNING label) SELECT label FROM gone',
        [],
      ),
    { databases: ['postgres'], mayBeReported: true, check: ({ account }) => assert.equal(account.rows, 1) },
  ),
  scenario(
    'P1: a replacement tells what it replaced as a delete',
    ['rawWrite'],
    ({ actions }) =>
      actions.rawWrite("INSERT OR REPLACE INTO tag (id, label, color) VALUES (3, 'child', 'lime')", []),
    {
      databases: ['sqlite'],
      isCompared: false,
      isCounted: false,
      check: (outcome) => expectTold(outcome, ['DELETE Tag', 'CREATE Tag']),
    },
  ),
  scenario(
    'a table that is emptied is told as a statement',
    ['rawWrite'],
    ({ actions }) => actions.rawWrite('TRUNCATE visit_log', []),
    {
      databases: ['postgres'],
      mayBeReported: true,
      check: ({ events }) =>
        assert.deepEqual(
          events.map(({ action }) => action),
          ['STATEMENT'],
        ),
    },
  ),
  scenario(
    'the person a record is about is found over every path, also when the record goes with the path',
    ['rawWrite'],
    async ({ actions }) => {
      await actions.rawWrite('UPDATE payment SET amount = 1', []);
      await actions.rawWrite('UPDATE invoice SET total = 2 WHERE id = 2', []);
      await actions.rawWrite("UPDATE treatment_plan_item SET description = 'x' WHERE position = 1", []);
      await actions.rawWrite('DELETE FROM invoice WHERE id = 1', []);
    },
    {
      check: ({ events }) =>
        assert.deepEqual(
          events.map(({ subjectId }) => subjectId),
          events.map(() => IDS.ada),
        ),
    },
  ),
];
