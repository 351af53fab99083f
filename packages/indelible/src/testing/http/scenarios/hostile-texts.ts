import assert from 'node:assert/strict';

import { askRaw, rawHead } from '../asking.js';
import { type HttpScenario, scenario } from '../scenario.js';

const NASTY = 'o\'brien" */ -- /* $1 ? $$ \\ <script>alert(1)</script> \u{1F600} \u202E';
const BREAKS = 'a\r\nX-Injected: yes\u001B[31m';
const TWO_MEGABYTES = 2 * 1024 ** 2;

/** Texts that would break a statement, a line of a log, or a limit. */
export const HOSTILE_TEXTS: readonly HttpScenario[] = [
  scenario(
    'P21: quotes, ends of comments, emoji and line breaks in a query are kept as they are',
    {},
    async (clinic) => {
      const path = `/api/invoices/1?${new URLSearchParams({ note: NASTY, line: BREAKS }).toString()}`;
      const { status } = await clinic.ask(path, { as: 'ann' });
      assert.equal(status, 200);
      const { request } = await clinic.expectOne('API_REQUEST Invoice 1 by ann: success 200');
      assert.deepEqual(request?.query, { note: NASTY, line: BREAKS });
    },
  ),

  scenario('P21: such texts are kept as a reason too, and as an id', {}, async (clinic) => {
    const path = `/api/patients/${encodeURIComponent(NASTY)}/print?reason=${encodeURIComponent(NASTY + BREAKS)}`;
    await clinic.ask(path, { method: 'POST', as: 'ann' });
    const [{ action, reason, target } = {}] = await clinic.newEvents(1);
    assert.deepEqual([action, reason, target?.type, target?.id], ['PRINT', NASTY + BREAKS, 'Patient', NASTY]);
  }),

  scenario('P21: such texts in headers are kept, as far as they can be sent', {}, async (clinic) => {
    const agent = Buffer.from(`User-Agent: ${NASTY}\r\n`);
    const [head = '', rest = ''] = splitHead('GET /api/invoices/1 HTTP/1.1');
    const { status } = await askRaw(clinic.origin, head, agent, rest);
    assert.equal(status, 200);
    const { request } = await clinic.expectOne('API_REQUEST Invoice 1 by ann: success 200');
    assert.ok(request?.userAgent?.startsWith('o\'brien" */ -- /* $1 ? $$ \\ <script>'));
  }),

  scenario(
    'P21: a body of two megabytes is taken, and breaks no event',
    { adapter: { logBodies: true } },
    async (clinic) => {
      const body = { note: `${NASTY}${'x'.repeat(TWO_MEGABYTES)}`, last: 'end' };
      const { status } = await clinic.ask('/api/echoes', { method: 'POST', as: 'ann', body });
      assert.equal(status, 200, 'the binding must take bodies of four megabytes');
      const { request } = await clinic.expectOne('API_REQUEST Echo by ann: success 200');
      assert.ok(JSON.stringify(request).length < TWO_MEGABYTES / 2);
    },
  ),

  scenario('P21: a reason of two megabytes is kept in its beginning', {}, async (clinic) => {
    const body = { reason: `${NASTY}${'x'.repeat(TWO_MEGABYTES)}` };
    await clinic.ask('/api/patients/1/print', { method: 'POST', as: 'ann', body });
    const { reason, flags } = await clinic.expectOne('PRINT Patient 1 by ann: success 200');
    assert.ok(reason?.startsWith(NASTY));
    assert.ok(flags.includes('truncated'));
  }),
];

/** A head in two halves, for a header of bytes to be put between. */
function splitHead(line: string): string[] {
  const head = rawHead(line, ['Authorization: Kit ann', '']);
  return [head.slice(0, -4), '\r\n'];
}
