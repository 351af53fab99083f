import assert from 'node:assert/strict';

import { MemoryStore } from '../../../stores/memory/memory-store.js';
import { eventsOf } from '../../test-audit.js';
import { createTestAudit } from '../../test-audit.js';
import type { HttpBinding } from '../http-binding.js';
import { HttpClinic } from '../http-clinic.js';
import { type HttpScenario, scenario } from '../scenario.js';

const SECRET = 'hunter2 is no password';

/** What an application may switch. */
export const SETTINGS: readonly HttpScenario[] = [
  scenario(
    'a net that is switched off tells no request and no denial by itself, but what was decorated or recorded',
    { adapter: { enabled: false } },
    async (clinic) => {
      await clinic.ask('/api/invoices/1', { as: 'ann' });
      await clinic.ask('/api/statuses/500', { as: 'ann' });
      await clinic.ask('/api/invoices/hidden', { as: 'ann' });
      await clinic.ask('/api/patients/1', { as: 'ann' });
      await clinic.ask('/api/patients/hidden', { as: 'ann' });
      await clinic.ask('/api/patients', { method: 'POST', as: 'ann', body: {} });
      await clinic.expectTold(
        'READ Patient 1 by ann: success 200',
        'ACCESS_DENIED Patient hidden by ann: denied 403',
        'CREATE Patient 77 by ann: success',
      );
    },
  ),

  scenario(
    'paths that are skipped tell no request, but changes, reads and denials',
    { adapter: { skipPaths: ['/api/invoices', '/api/statuses/', '/api/patients/', '/api/dental'] } },
    async (clinic) => {
      for (const path of ['invoices/1', 'statuses/200', 'statuses/404', 'statuses/500', 'dental-records/1'])
        await clinic.ask(`/api/${path}`, { as: 'ann' });
      await clinic.ask('/api/statuses/403', { as: 'ann' });
      await clinic.ask('/api/patients/1', { as: 'ann' });
      await clinic.ask('/api/patients/1', { method: 'PATCH', as: 'ann', body: {} });
      await clinic.expectTold(
        'API_REQUEST DentalRecord 1 by ann: success 200',
        'ACCESS_DENIED Status 403 by ann: denied 403',
        'READ Patient 1 by ann: success 200',
        'UPDATE Patient 1 by ann: success',
      );
    },
  ),

  scenario(
    'requests are told under the prefix that is given, and nowhere else',
    { adapter: { prefix: '/' } },
    async (clinic) => {
      await clinic.ask('/people/7', { as: 'ann' });
      await clinic.ask('/pages/about', { as: 'ann' });
      await clinic.ask('/api/health', { as: 'ann' });
      await clinic.expectTold(
        'API_REQUEST Person 7 by ann: success 200',
        'API_REQUEST Page by ann: success 200',
      );
    },
  ),

  scenario(
    'there may be several prefixes, of whole segments',
    { adapter: { prefix: ['/pages', '/api/invoices/', '/api/dental', '/peop'] } },
    async (clinic) => {
      for (const path of ['/people/7', '/pages/about', '/api/invoices/1', '/api/dental-records/1'])
        await clinic.ask(path, { as: 'ann' });
      const events = await clinic.newEvents(2);
      assert.deepEqual(
        events.map(({ request }) => request?.path),
        ['/pages/about', '/api/invoices/1'],
      );
    },
  ),

  scenario(
    'a resource of a path means the model that the application says',
    { adapter: { resources: { 'dental-records': 'Chart' } } },
    async (clinic) => {
      await clinic.ask('/api/dental-records/7', { as: 'ann' });
      await clinic.expectOne('API_REQUEST Chart 7 by ann: success 200');
    },
  ),

  scenario(
    'bodies are kept where that is asked for, without their secrets',
    { adapter: { logBodies: true } },
    async (clinic, { differences }) => {
      const body = { name: 'Ada', password: SECRET, deep: [{ apiKey: SECRET, note: 'kept' }] };
      await clinic.ask('/api/echoes', { method: 'POST', as: 'ann', body });
      const { request } = await clinic.expectOne('API_REQUEST Echo by ann: success 200');
      assert.ok(!JSON.stringify(request).includes(SECRET));
      const kept = request?.body as { name?: string; deep?: readonly { note?: string }[] } | null;
      const expected = differences?.['logged-body'] === undefined ? ['Ada', 'kept'] : [undefined, undefined];
      assert.deepEqual([kept?.name, kept?.deep?.[0]?.note], expected);
    },
  ),

  scenario('bodies are not kept unless that is asked for', {}, async (clinic) => {
    await clinic.ask('/api/echoes', { method: 'POST', as: 'ann', body: { name: 'Ada' } });
    const { request } = await clinic.expectOne('API_REQUEST Echo by ann: success 200');
    assert.equal(request?.body, null);
  }),

  scenario('secrets in a query are hidden', {}, async (clinic) => {
    await clinic.ask(`/api/invoices/1?token=${encodeURIComponent(SECRET)}&view=full`, { as: 'ann' });
    const { request } = await clinic.expectOne('API_REQUEST Invoice 1 by ann: success 200');
    assert.ok(!JSON.stringify(request).includes(SECRET));
    assert.match(JSON.stringify(request?.query), /"view":"full"/);
  }),

  scenario('the time that a request took is told', {}, async (clinic) => {
    const start = performance.now();
    const asked = clinic.ask('/api/slow', { as: 'ann' });
    await clinic.signals.given('slow');
    const reached = performance.now();
    while (performance.now() - reached < 20) await clinic.ask('/api/health');
    const waited = performance.now() - reached;
    clinic.signals.give('go on');
    await asked;
    const { request } = await clinic.expectOne('API_REQUEST Slow by ann: success 200');
    const took = Number(request?.durationMs);
    assert.ok(took >= Math.floor(waited) && took <= Math.ceil(performance.now() - start), `${took} ms`);
  }),

  {
    title:
      'requests of one person beyond the limit of a minute become one, with their count; reads and changes do not',
    run: manyRequests,
  },
];

const LIMIT = 3;
const MANY = 10;

/** The folded event is written when the minute is over, or the trail is closed. */
async function manyRequests(binding: HttpBinding): Promise<void> {
  const store = new MemoryStore();
  store.close = async () => undefined;
  const clinic = await HttpClinic.open(binding, { adapter: { maxEventsPerMinute: LIMIT }, trail: { store } });
  for (let n = 0; n < MANY; n += 1) {
    await clinic.ask(`/api/invoices/${n}`, { as: 'ann' });
    await clinic.ask(`/api/patients/${n}`, { as: 'ann' });
    await clinic.ask(`/api/patients/${n}`, { method: 'PATCH', as: 'ann', body: {} });
  }
  await clinic.ask('/api/invoices/1', { as: 'bob' });
  await clinic.abandon();
  const audit = createTestAudit({ store });
  const events = await eventsOf(audit);
  const counts = (action: string, id: string): number[] =>
    events.filter((event) => event.action === action && event.actor.id === id).map(({ count }) => count);
  assert.deepEqual(counts('API_REQUEST', 'ann'), [...Array.from({ length: LIMIT }, () => 1), MANY - LIMIT]);
  assert.deepEqual(counts('API_REQUEST', 'bob'), [1]);
  assert.deepEqual([counts('READ', 'ann').length, counts('UPDATE', 'ann').length], [MANY, MANY]);
  await audit.close();
}
