import assert from 'node:assert/strict';

import { told } from '../expectations.js';
import { type Scenario, scenario } from '../scenario.js';
import { IDS } from '../seed.js';

/** Keys that change, come back, or are not there. */
export const KEYS: readonly Scenario[] = [
  scenario(
    'P9: a change of a primary key is told under the key it was known by',
    ['rawWrite'],
    ({ actions }) => actions.rawWrite('UPDATE payment SET id = 77 WHERE id = 2', []),
    {
      check: ({ events }) =>
        assert.deepEqual(
          events.map(({ target, changes }) => [target?.id, changes]),
          [['2', { id: { old: 2, new: 77 } }]],
        ),
    },
  ),
  scenario(
    'P9: a change of a key that foreign keys carry on is told, with every record that followed',
    ['changeTagId'],
    ({ actions }) => actions.changeTagId(1, 77),
    {
      check: ({ account, events }) => {
        assert.ok(account.rows > 1, 'no link followed the tag');
        assert.equal(events.length, account.rows);
      },
    },
  ),
  scenario(
    'P9: a key used again after a delete begins with a create, with the old life behind it',
    ['rawWrite'],
    async ({ actions }) => [
      await actions.rawWrite('DELETE FROM tag WHERE id = 3', []),
      await actions.rawWrite("INSERT INTO tag (id, label, color) VALUES (3, 'third', 'pink')", []),
      await actions.rawWrite("UPDATE tag SET color = 'rose' WHERE id = 3", []),
    ],
    {
      check: ({ events }) => assert.deepEqual(told(events), ['DELETE Tag', 'CREATE Tag', 'UPDATE Tag']),
    },
  ),
  scenario(
    'P9: rows of a table without a key are told as they are',
    ['createVisit', 'updateVisits', 'deleteVisits'],
    async ({ actions }) => {
      await actions.createVisit({ userId: IDS.ben, note: 'came late', at: new Date('2026-05-01T10:00:00Z') });
      await actions.updateVisits('came late', 'left early');
      await actions.deleteVisits('left early');
    },
    {
      // Which of several equal rows an update meant, no statement says.
      mayBeReported: true,
      check: ({ account }) => assert.equal(account.rows, 3),
    },
  ),
  scenario(
    'P9: equal rows of a table without a key are each told',
    ['deleteVisits'],
    ({ actions }) => actions.deleteVisits('came early'),
    { mayBeReported: true, check: ({ account }) => assert.equal(account.rows, 2) },
  ),
];
