import assert from 'node:assert/strict';

import { expectTold, told } from '../expectations.js';
import { type Scenario, scenario } from '../scenario.js';
import { appointment, fresh, IDS } from '../seed.js';

const ITEMS = [
  { position: 1, serviceId: 2, description: 'Prepare', price: '145.90' },
  { position: 2, serviceId: null, description: 'Polish', price: '0.10' },
];
const isLink = (line: string): boolean => / AppointmentT(oT)?ag$/.test(line);

/** Records written through other records. */
export const RELATIONS: readonly Scenario[] = [
  scenario(
    'P2: a parent and its children created in one call are all told',
    ['createPlanWithItems'],
    ({ actions }) => actions.createPlanWithItems({ id: fresh(1), userId: IDS.ben, title: 'Filling' }, ITEMS),
    {
      check: (outcome) =>
        expectTold(outcome, ['CREATE TreatmentPlan', ...ITEMS.map(() => 'CREATE TreatmentPlanItem')]),
    },
  ),
  scenario(
    'P2: children created with their parent are told under the ids they really got',
    ['createAppointmentWithInvoices'],
    ({ actions }) =>
      actions.createAppointmentWithInvoices(appointment(1), [
        { number: 'R-10', total: '0.10' },
        { number: 'R-11', total: '99999999.99' },
      ]),
    {
      check(outcome) {
        expectTold(outcome, ['CREATE Appointment', 'CREATE Invoice', 'CREATE Invoice']);
        const invoices = outcome.events.filter(({ target }) => target?.type === 'Invoice');
        for (const { target, after, subjectId } of invoices) {
          assert.equal(target?.id, String(after?.['id']));
          assert.equal(subjectId, IDS.ada);
        }
      },
    },
  ),
  scenario(
    'P2: connecting and disconnecting a record is an update of the one that refers to it',
    ['connectService', 'disconnectService'],
    async ({ actions }) => {
      await actions.connectService(IDS.first, 2);
      await actions.disconnectService(IDS.second);
    },
    {
      check: ({ events }) =>
        assert.deepEqual(
          events.map(({ changes }) => changes),
          [{ service_id: { old: 1, new: 2 } }, { service_id: { old: 1, new: null } }],
        ),
    },
  ),
  scenario(
    'P2: setting the children of a record tells those that came and those that went',
    ['setInvoices'],
    ({ actions }) => actions.setInvoices(IDS.first, [2, 3]),
    { check: (outcome) => expectTold(outcome, ['UPDATE Invoice', 'UPDATE Invoice']) },
  ),
  scenario(
    'P3: links made and undone are told one by one',
    ['linkTags', 'unlinkTags'],
    async ({ actions }) => {
      await actions.linkTags(IDS.third, [1, 3]);
      await actions.unlinkTags(IDS.first, [2]);
    },
    {
      check: ({ events }) =>
        assert.deepEqual(
          told(events).map((line) => [line.split(' ')[0], isLink(line)]),
          [
            ['CREATE', true],
            ['CREATE', true],
            ['DELETE', true],
          ],
        ),
    },
  ),
  scenario(
    'P3: setting links tells the ones that changed, and no other',
    ['setTags'],
    ({ actions }) => actions.setTags(IDS.first, [2, 3]),
    {
      check: ({ events }) =>
        assert.deepEqual(
          told(events)
            .filter(isLink)
            .toSorted()
            .map((line) => line.split(' ')[0]),
          ['CREATE', 'DELETE'],
        ),
    },
  ),
  scenario(
    'P3: clearing links tells only the rows that were linked',
    ['clearTags'],
    async ({ actions }) => {
      await actions.clearTags(IDS.first);
      await actions.clearTags(IDS.third);
    },
    { check: ({ events }) => assert.equal(told(events).filter(isLink).length, 2) },
  ),
];
