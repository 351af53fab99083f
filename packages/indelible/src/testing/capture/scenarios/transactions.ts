import assert from 'node:assert/strict';

import { expectNothing, told } from '../expectations.js';
import { failureOf, type Scenario, scenario } from '../scenario.js';
import { appointment, fresh, IDS } from '../seed.js';

const NOBODY = fresh(999);

/** What commits is told, and what does not is not. */
export const TRANSACTIONS: readonly Scenario[] = [
  scenario(
    'P13: a transaction needs no connection but its own, of which there is one only',
    ['createAppointment', 'updateAppointmentsWhere', 'deleteAppointment'],
    ({ inTransaction }) =>
      inTransaction('commit', [
        (tx) => tx.createAppointment(appointment(1)),
        (tx) => tx.updateAppointmentsWhere('booked', { notes: 'moved' }),
        (tx) => tx.deleteAppointment(fresh(1)),
      ]),
    { check: ({ account }) => assert.equal(account.rows, 5) },
  ),
  scenario(
    'P14: the changes of a transaction are told in the order they were made',
    ['createAppointment', 'updateAppointment', 'upsertTag', 'deletePlanItem'],
    ({ inTransaction }) =>
      inTransaction('commit', [
        (tx) => tx.createAppointment(appointment(1)),
        (tx) => tx.updateAppointment(fresh(1), { status: 'arrived' }),
        (tx) => tx.upsertTag({ label: 'anxious', color: 'grey' }),
        (tx) => tx.deletePlanItem({ planId: IDS.plan, position: 3 }),
        (tx) => tx.updateAppointment(fresh(1), { status: 'done' }),
      ]),
    {
      check({ events }) {
        assert.deepEqual(told(events), [
          'CREATE Appointment',
          'UPDATE Appointment',
          'CREATE Tag',
          'DELETE TreatmentPlanItem',
          'UPDATE Appointment',
        ]);
        const transactions = new Set(events.map(({ transactionId }) => transactionId));
        assert.equal(transactions.size, 1);
        assert.ok(!transactions.has(null));
      },
    },
  ),
  scenario(
    'P11: a transaction that is rolled back leaves no event',
    ['createAppointment', 'updateAppointmentsWhere', 'rawWrite'],
    ({ inTransaction }) =>
      inTransaction('rollback', [
        (tx) => tx.createAppointment(appointment(1)),
        (tx) => tx.updateAppointmentsWhere('booked', { status: 'lost' }),
        (tx) => tx.rawWrite('DELETE FROM payment', []),
      ]),
    { check: expectNothing },
  ),
  scenario(
    'P11: a transaction that a failing write ends leaves no event of what was written before',
    ['updateAppointment', 'createAppointment'],
    ({ inTransaction }) =>
      failureOf(() =>
        inTransaction('commit', [
          (tx) => tx.updateAppointment(IDS.first, { status: 'lost' }),
          (tx) => tx.createAppointment(appointment(1, { userId: NOBODY })),
        ]),
      ),
    { check: expectNothing },
  ),
  scenario(
    'P11: what a savepoint takes back leaves no event, and what is around it does',
    ['savepoint', 'updateAppointment', 'upsertTag'],
    ({ inTransaction, inSavepoint }) =>
      inTransaction('commit', [
        (actions) => actions.updateAppointment(IDS.first, { status: 'before' }),
        (_, tx) =>
          inSavepoint(tx, 'rollback', [
            (actions) => actions.updateAppointment(IDS.first, { status: 'lost' }),
          ]),
        (_, tx) =>
          inSavepoint(tx, 'commit', [(actions) => actions.upsertTag({ label: 'kept', color: 'grey' })]),
        (actions) => actions.updateAppointment(IDS.first, { status: 'after' }),
      ]),
    {
      check: ({ events }) =>
        assert.deepEqual(
          events.map(({ changes }) => changes?.['status']?.new),
          ['before', undefined, 'after'],
        ),
    },
  ),
  scenario(
    'P14: statements that nobody awaits are made, and told, in the order they were begun',
    ['updateAppointment'],
    ({ inTransaction }) =>
      inTransaction(
        'commit',
        ['one', 'two', 'three', 'four'].map((status) => (tx) => tx.updateAppointment(IDS.first, { status })),
        { isTogether: true },
      ),
    {
      check: ({ events }) =>
        assert.deepEqual(
          events.map(({ changes }) => [changes?.['status']?.old, changes?.['status']?.new]),
          [
            ['booked', 'one'],
            ['one', 'two'],
            ['two', 'three'],
            ['three', 'four'],
          ],
        ),
    },
  ),
  scenario(
    'P11: a transaction of statements that nobody awaits leaves no event when it is rolled back',
    ['updateAppointment'],
    ({ inTransaction }) =>
      inTransaction(
        'rollback',
        ['one', 'two'].map((status) => (tx) => tx.updateAppointment(IDS.first, { status })),
        { isTogether: true },
      ),
    { check: expectNothing },
  ),
  scenario(
    'P11: a serializable transaction is captured like any other',
    ['serializable', 'updateAppointment', 'findAppointment'],
    ({ inTransaction }) =>
      inTransaction(
        'commit',
        [
          (tx) => tx.findAppointment(IDS.first),
          (tx) => tx.updateAppointment(IDS.first, { status: 'arrived' }),
        ],
        { isolation: 'serializable' },
      ),
  ),
];

/** What the database refuses. */
export const FAILURES: readonly Scenario[] = [
  scenario(
    'a write that breaks a unique key fails as it does without capture, and nothing is told of it',
    ['createUser'],
    ({ actions }) =>
      failureOf(() =>
        actions.createUser({ id: fresh(1), email: 'ada@clinic.example', passwordHash: 'x', fullName: 'Ada' }),
      ),
    { check: expectNothing },
  ),
  scenario(
    'a write that breaks a foreign key fails as it does without capture, and nothing is told of it',
    ['createAppointment'],
    ({ actions }) => failureOf(() => actions.createAppointment(appointment(1, { userId: NOBODY }))),
    { check: expectNothing },
  ),
  scenario(
    'raw writes that break a rule fail as they do without capture, and nothing is told of them',
    ['rawWrite'],
    async ({ actions }) => [
      await failureOf(() => actions.rawWrite('UPDATE appointment SET status = NULL', [])),
      await failureOf(() => actions.rawWrite('UPDATE service SET price = -1', [])),
      await failureOf(() => actions.rawWrite('DELETE FROM location WHERE id = 1', [])),
      await failureOf(() => actions.rawWrite('UPDATE nowhere SET a = 1', [])),
    ],
    { check: expectNothing },
  ),
];

/** What only reads. */
export const READS: readonly Scenario[] = [
  scenario(
    'P20: reading sends no statement more, answers the same, and records nothing',
    ['findAppointment', 'findAppointmentsOf', 'countAppointments', 'rawRows'],
    async ({ actions }) => [
      await actions.findAppointment(IDS.first),
      await actions.findAppointmentsOf(IDS.ada),
      await actions.countAppointments('booked'),
      await actions.rawRows('SELECT id, label FROM tag ORDER BY id', []),
    ],
    {
      check(outcome) {
        expectNothing(outcome);
        assert.deepEqual(outcome.sent, outcome.plainSent);
      },
    },
  ),
];
