import assert from 'node:assert/strict';

import { expectTold } from '../expectations.js';
import { type Scenario, scenario } from '../scenario.js';
import { appointment, IDS } from '../seed.js';

const THREE = [1, 2, 3].map((n) => appointment(n));

/** Many records in one call. */
export const BULK: readonly Scenario[] = [
  scenario(
    'P1: records created in one call are told one by one',
    ['createAppointments'],
    ({ actions }) => actions.createAppointments(THREE),
    {
      check: (outcome) =>
        expectTold(
          outcome,
          THREE.map(() => 'CREATE Appointment'),
        ),
    },
  ),
  scenario(
    'P1: records created in one call that answers them are told one by one',
    ['createAppointmentsReturning'],
    ({ actions }) => actions.createAppointmentsReturning(THREE),
    {
      check: (outcome) =>
        expectTold(
          outcome,
          THREE.map(() => 'CREATE Appointment'),
        ),
    },
  ),
  scenario(
    'P1: a bulk update tells each row with what was there before',
    ['updateAppointmentsWhere'],
    ({ actions }) => actions.updateAppointmentsWhere('booked', { status: 'cancelled', price: '0.30' }),
    {
      check: ({ events }) =>
        assert.deepEqual(
          events.map(({ changes }) => changes?.['status']),
          [1, 2, 3].map(() => ({ old: 'booked', new: 'cancelled' })),
        ),
    },
  ),
  scenario(
    'P1: a bulk update that answers its rows answers what it answers without capture',
    ['updateAppointmentsReturning'],
    ({ actions }) => actions.updateAppointmentsReturning('booked', { notes: 'moved' }),
    {
      check: (outcome) =>
        expectTold(
          outcome,
          [1, 2, 3].map(() => 'UPDATE Appointment'),
        ),
    },
  ),
  scenario(
    'P1: an update from another table tells each row',
    ['repriceFromServices'],
    ({ actions }) => actions.repriceFromServices(1),
    {
      check: (outcome) =>
        expectTold(
          outcome,
          [1, 2, 3].map(() => 'UPDATE Appointment'),
        ),
    },
  ),
  scenario(
    'P1: a bulk delete tells each row, and what went with it',
    ['deleteAppointmentsWhere'],
    ({ actions }) => actions.deleteAppointmentsWhere('booked'),
    { check: ({ account }) => assert.equal(account.rows, 3 + 3 + 3 + 2) },
  ),
  scenario('P1: a bulk write that finds no row records nothing', ['updateAppointmentsWhere'], ({ actions }) =>
    actions.updateAppointmentsWhere('nobody has it', { notes: 'x' }),
  ),
  scenario(
    'P1: an upsert that inserts is a create, and one that updates an update',
    ['upsertTag'],
    async ({ actions }) => [
      await actions.upsertTag({ label: 'anxious', color: 'grey' }),
      await actions.upsertTag({ label: 'urgent', color: 'orange' }),
    ],
    { check: (outcome) => expectTold(outcome, ['CREATE Tag', 'UPDATE Tag']) },
  ),
  scenario(
    'P1: an upsert of many tells creates and updates apart',
    ['upsertTags'],
    ({ actions }) =>
      actions.upsertTags([
        { label: 'anxious', color: 'grey' },
        { label: 'urgent', color: 'orange' },
        { label: 'recall', color: 'blue' },
      ]),
    { check: (outcome) => expectTold(outcome, ['CREATE Tag', 'UPDATE Tag']) },
  ),
  scenario(
    'P1: what an insert skips because it is there is not told',
    ['createTagsIfAbsent'],
    ({ actions }) =>
      actions.createTagsIfAbsent([
        { label: 'urgent', color: 'black' },
        { label: 'anxious', color: 'grey' },
      ]),
    { check: (outcome) => expectTold(outcome, ['CREATE Tag']) },
  ),
  scenario(
    'P1: records inserted from a query are told one by one',
    ['copyAppointmentsToVisits'],
    ({ actions }) => actions.copyAppointmentsToVisits('booked'),
    {
      check: (outcome) =>
        expectTold(
          outcome,
          [1, 2, 3].map(() => 'CREATE VisitLog'),
        ),
    },
  ),
  scenario(
    'P1: a write inside a query is told as a statement where it cannot be taken apart',
    ['createTagInCte'],
    ({ actions }) => actions.createTagInCte({ label: 'anxious', color: 'grey' }),
    { mayBeReported: true, check: ({ account }) => assert.equal(account.rows, 1) },
  ),
  scenario(
    'P5: a bulk update of a thousand rows costs no statement more than without capture',
    ['createAppointments', 'updateAppointmentsWhere'],
    async ({ actions }) => {
      for (let from = 0; from < 1_000; from += 250) {
        const rows = Array.from({ length: 250 }, (_, n) => appointment(from + n, { status: 'many' }));
        await actions.createAppointments(rows);
      }
      return actions.updateAppointmentsWhere('many', { status: 'more', units: 3n });
    },
    { isCounted: false, check: ({ account }) => assert.equal(account.rows, 2_000) },
  ),
  scenario(
    'P9: a change of one item of a composite key is told under both of its parts',
    ['updatePlanItem', 'deletePlanItem'],
    async ({ actions }) => [
      await actions.updatePlanItem({ planId: IDS.plan, position: 2 }, 'Fit and polish'),
      await actions.deletePlanItem({ planId: IDS.plan, position: 3 }),
    ],
    {
      check: ({ events }) =>
        assert.deepEqual(
          events.map(({ target }) => target?.id),
          [JSON.stringify([IDS.plan, 2]), JSON.stringify([IDS.plan, 3])],
        ),
    },
  ),
];
