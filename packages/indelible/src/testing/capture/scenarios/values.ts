import assert from 'node:assert/strict';

import { expectTold } from '../expectations.js';
import { type Scenario, scenario } from '../scenario.js';
import { appointment, fresh, IDS } from '../seed.js';

const MEGABYTE = 'x\u{1F9B7}ä'.repeat(140_000);
const TEXTS = [
  '',
  ' \t\r\n ',
  'it\'s "quoted" `thrice` \\ \\u0041',
  "'; DROP TABLE tag; --",
  '$1 ? :name @name %s {0} $$ $tag$ /* */ --',
  '\u0001\u001b[31m\u007f\ufeff\u200d\u202e',
  '\u{1F600}\u{1F468}\u200D\u{1F469} \uffff ﬁ é e\u0301',
  '9007199254740993',
  'null',
  '{"a": 1}',
  '~i:7',
];
const ANSWERS = {
  z: [1, 2.5, -0.1, 1e21, 123456789012, [[]], {}],
  a: { nested: { deeper: [null, true, false, ''] }, 'key "with" quotes': '\u{1F9B7}' },
};

/** Values that databases, drivers and JSON change when nobody looks. */
export const VALUES: readonly Scenario[] = [
  scenario('P6: every text is told as it is', ['createTagsIfAbsent', 'upsertTag'], async ({ actions }) => {
    await actions.createTagsIfAbsent(TEXTS.map((label) => ({ label, color: `${label} ` })));
    for (const label of TEXTS) await actions.upsertTag({ label, color: label });
  }),
  scenario(
    'P6: money, large integers, doubles, dates and times lose nothing',
    ['createAppointment', 'updateAppointment'],
    async ({ actions }) => {
      await actions.createAppointment(
        appointment(1, { price: '9999999999.99', units: 9_223_372_036_854_775_807n }),
      );
      await actions.updateAppointment(IDS.first, {
        price: '0.10',
        units: -9_223_372_036_854_775_807n,
        score: 0.30000000000000004,
        startsAt: new Date('1969-12-31T23:59:59.001Z'),
        day: '0999-12-31',
      });
      await actions.updateAppointment(IDS.second, { score: 1e-7, units: 0n, notes: null });
      await actions.updateAppointment(IDS.third, { score: null });
    },
  ),
  scenario(
    'P6: the same value in another form is no change',
    ['updateAppointment'],
    ({ actions }) =>
      actions.updateAppointment(IDS.first, { price: '120.500', preferences: { a: [1.5, null], b: 1 } }),
    { databases: ['postgres'], check: ({ events }) => assert.deepEqual(events, []) },
  ),
  scenario(
    'P6: a score that is no number is told as NaN',
    ['updateAppointment'],
    ({ actions }) => actions.updateAppointment(IDS.first, { score: Number.NaN }),
    { databases: ['postgres'] },
  ),
  scenario('P6: JSON is told whole', ['createForm', 'updateForm'], async ({ actions }) => {
    await actions.createForm({ userId: IDS.ben, answers: ANSWERS });
    await actions.updateForm(1, ANSWERS);
    await actions.updateForm(1, []);
  }),
  scenario(
    'P6: a megabyte of text is told whole, and bytes by their digest',
    ['createDocument', 'updateDocument'],
    async ({ actions }) => {
      const content = Uint8Array.from({ length: 300_000 }, (_, n) => n % 251);
      await actions.createDocument({ id: fresh(1), userId: IDS.ada, name: 'scan', content, body: MEGABYTE });
      await actions.updateDocument(fresh(1), { body: `${MEGABYTE}.` });
      await actions.updateDocument(IDS.document, { content: new Uint8Array() });
    },
    {
      check(outcome) {
        expectTold(outcome, ['CREATE Document', 'UPDATE Document', 'UPDATE Document']);
        assert.ok(outcome.events.every(({ flags }) => flags.length === 0));
      },
    },
  ),
];
