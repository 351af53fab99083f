import assert from 'node:assert/strict';

import { expectNoChange, expectTold } from '../expectations.js';
import { type Scenario, scenario } from '../scenario.js';
import { appointment, fresh, IDS } from '../seed.js';

/** Every ORM reads it as it was written. */
const PLAIN = appointment(1, { units: 5n });

/** One record at a time. */
export const SINGLE: readonly Scenario[] = [
  scenario('a record that is created is told whole', ['createAppointment'], ({ actions }) =>
    actions.createAppointment(appointment(1)),
  ),
  scenario(
    'P38: a secret is told as there, or as changed, and never shown',
    ['createUser', 'rawWrite'],
    async ({ actions, database }) => {
      await actions.createUser({
        id: fresh(1),
        email: 'dora@clinic.example',
        passwordHash: 'argon2-dora',
        fullName: 'Dora',
      });
      const place = database === 'postgres' ? '$1' : '?';
      await actions.rawWrite(`UPDATE "user" SET password_hash = ${place} WHERE full_name = 'Dora'`, [
        'argon2-new',
      ]);
    },
    {
      check(outcome) {
        expectTold(outcome, ['CREATE User', 'UPDATE User']);
        assert.ok(!JSON.stringify(outcome.events).includes('argon2'));
        assert.deepEqual(outcome.events[1]?.changedFields, ['password_hash']);
      },
    },
  ),
  scenario(
    'P4: an update tells the columns that changed, and no other',
    ['updateAppointment'],
    ({ actions }) => actions.updateAppointment(IDS.first, { status: 'arrived', notes: 'seeded' }),
    {
      check: ({ events }) =>
        assert.deepEqual(
          events.map(({ changes }) => changes),
          [{ status: { old: 'booked', new: 'arrived' } }],
        ),
    },
  ),
  scenario(
    'P4: saving a whole record tells the columns that changed, and no other',
    ['createAppointment', 'saveAppointment'],
    async ({ actions }) => {
      await actions.createAppointment(PLAIN);
      return actions.saveAppointment(PLAIN.id, { status: 'arrived' });
    },
    { check: ({ events }) => assert.deepEqual(events[1]?.changedFields, ['status']) },
  ),
  scenario(
    'P6: saving a record as it is records nothing',
    ['createAppointment', 'saveAppointment'],
    async ({ actions }) => {
      await actions.createAppointment(PLAIN);
      return actions.saveAppointment(PLAIN.id, {});
    },
    { check: (outcome) => expectTold(outcome, ['CREATE Appointment']) },
  ),
  scenario(
    'P6: an update of updated_at alone records nothing',
    ['touchAppointment'],
    ({ actions }) => actions.touchAppointment(IDS.first),
    { check: expectNoChange },
  ),
  scenario(
    'P7: an increment records the value it results in',
    ['incrementVisits'],
    ({ actions }) => actions.incrementVisits(1, 2),
    {
      check: ({ events }) =>
        assert.deepEqual(
          events.map(({ changes }) => changes),
          [{ visits: { old: 3, new: 5 } }],
        ),
    },
  ),
  scenario(
    'P7: an expression records the value it results in, for every row',
    ['multiplyServicePrices'],
    ({ actions }) => actions.multiplyServicePrices(2),
    { check: (outcome) => expectTold(outcome, ['UPDATE Service', 'UPDATE Service', 'UPDATE Service']) },
  ),
  scenario(
    'P8: a delete keeps the whole old record, and what it took along and cut loose is told',
    ['deleteAppointment'],
    ({ actions }) => actions.deleteAppointment(IDS.first),
    {
      check: (outcome) =>
        expectTold(outcome, [
          'DELETE Appointment',
          'DELETE AppointmentTag',
          'DELETE AppointmentTag',
          'DELETE AppointmentToTag',
          'DELETE AppointmentToTag',
          'UPDATE Invoice',
          'UPDATE Invoice',
        ]),
    },
  ),
  scenario(
    'P8: a record that was loaded and is removed is told whole',
    ['removeAppointment'],
    ({ actions }) => actions.removeAppointment(IDS.second),
  ),
  scenario(
    'P8: a person who is deleted takes records of ten models along, and each is told',
    ['deleteUser'],
    ({ actions }) => actions.deleteUser(IDS.ada),
    {
      check({ account, events }) {
        assert.equal(account.rows, 20);
        assert.equal(new Set(events.map(({ target }) => target?.type)).size, 11);
      },
    },
  ),
  scenario(
    'P8: what a deleted record was referred to by is told with the reference cut',
    ['deleteService'],
    ({ actions }) => actions.deleteService(3),
    { check: (outcome) => expectTold(outcome, ['DELETE Service', 'UPDATE TreatmentPlanItem']) },
  ),
];
