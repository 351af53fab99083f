import assert from 'node:assert/strict';

import type { HttpClinic } from '../http-clinic.js';
import type { AuditEvent } from '../../../event/event.js';
import { type HttpScenario, scenario } from '../scenario.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/;

const MALFORMED = [
  '',
  'garbage',
  TRACE,
  `00-${TRACE}-${SPAN}`,
  `00-${TRACE}-${SPAN}-01-more`,
  `ff-${TRACE}-${SPAN}-01`,
  `00-${'0'.repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${'0'.repeat(16)}-01`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`,
  `00-${'f'.repeat(5_000)}-${SPAN}-01`,
];

/** Which request, trace, session and tenant an event belongs to. */
export const IDENTITIES: readonly HttpScenario[] = [
  scenario('the trace of a request is that of its traceparent', {}, async (clinic) => {
    const { traceId } = await toldOf(clinic, { traceparent: `00-${TRACE}-${SPAN}-01` });
    assert.equal(traceId, TRACE);
    const later = await toldOf(clinic, { traceparent: `cc-${TRACE}-${SPAN}-01-what-the-future-brings` });
    assert.equal(later.traceId, TRACE);
  }),

  scenario('a malformed traceparent is no trace, and harms nothing', {}, async (clinic) => {
    for (const traceparent of MALFORMED) {
      const { traceId } = await toldOf(clinic, { traceparent });
      assert.equal(traceId, null, traceparent);
    }
  }),

  scenario('every event of a request has its id, and no other request has it', {}, async (clinic) => {
    const body = { names: ['Eve', 'Eva'] };
    await clinic.ask('/api/patients/1', { method: 'PATCH', as: 'ann', body });
    await clinic.ask('/api/patients/1', { method: 'PATCH', as: 'ann', body });
    const ids = (await clinic.newEvents(4)).map(({ request }) => request?.id);
    assert.equal(ids.length, 4);
    for (const id of ids) assert.match(String(id), UUID);
    assert.deepEqual([ids[0] === ids[1], ids[2] === ids[3], ids[1] === ids[2]], [true, true, false]);
  }),

  scenario('nobody may choose the id of a request', {}, async (clinic) => {
    const { request } = await toldOf(clinic, { 'x-request-id': 'chosen' });
    assert.match(String(request?.id), UUID);
  }),

  scenario(
    'a trusted proxy may choose the id of a request, when it can be one',
    { trail: { trustedProxies: ['loopback'] } },
    async (clinic) => {
      const { request } = await toldOf(clinic, { 'x-request-id': 'from-the.proxy/1' });
      assert.equal(request?.id, 'from-the.proxy/1');
      for (const id of ['', 'two words', '<b>', 'x'.repeat(129)]) {
        const event = await toldOf(clinic, { 'x-request-id': id });
        assert.match(String(event.request?.id), UUID, id);
      }
    },
  ),

  scenario(
    'P22: whoever is no trusted proxy is believed neither as to the id nor as to the address',
    { trail: { trustedProxies: ['10.0.0.0/8', '2001:db8::/32'] } },
    async (clinic) => {
      const headers = { 'x-request-id': 'chosen', 'x-forwarded-for': '203.0.113.7' };
      const { request } = await toldOf(clinic, headers);
      assert.match(String(request?.id), UUID);
      assert.equal(request?.ipSource, 'socket');
    },
  ),

  scenario(
    'tenant, session and request id are those that the application names',
    {
      asked: {
        tenant: (header) => header('x-tenant'),
        session: (header) => header('x-session'),
        requestId: (header) => header('x-own-id'),
      },
    },
    async (clinic) => {
      const named = await toldOf(clinic, { 'x-tenant': 'north', 'x-session': 's-1', 'x-own-id': 'own-1' });
      assert.deepEqual([named.tenantId, named.sessionId, named.request?.id], ['north', 's-1', 'own-1']);
      const unnamed = await toldOf(clinic, {});
      assert.deepEqual([unnamed.tenantId, unnamed.sessionId], [null, null]);
      assert.match(String(unnamed.request?.id), UUID);
    },
  ),

  scenario(
    'the actor is the one that the application names',
    {
      asked: {
        actor: (header) => {
          const id = header('x-robot');
          return id === undefined ? undefined : { type: 'service', id };
        },
      },
    },
    async (clinic) => {
      await clinic.ask('/api/invoices/1', { as: 'ann', headers: { 'x-robot': 'robot-7' } });
      const { actor } = await clinic.expectOne('API_REQUEST Invoice 1 by robot-7: success 200');
      assert.equal(actor.type, 'service');
      await clinic.ask('/api/patients/1', { as: 'ann' });
      await clinic.expectOne('READ Patient 1 by anonymous: success 200');
    },
  ),

  scenario(
    'functions of the application that throw are reported, and cost neither the request nor the event',
    { asked: { actor: throwing, tenant: throwing, session: throwing, requestId: throwing } },
    async (clinic) => {
      const { status, text } = await clinic.ask('/api/patients/1', { as: 'ann' });
      assert.deepEqual([status, JSON.parse(text).name], [200, 'Ben Birch']);
      const { request } = await clinic.expectOne('READ Patient 1 by anonymous: success 200');
      assert.deepEqual([request?.method, request?.path], ['GET', '/api/patients/1']);
      assert.match(String(request?.id), UUID);
      await clinic.ask('/api/statuses/500', { as: 'ann' });
      await clinic.expectOne('API_REQUEST Status 500 by anonymous: error 500');
      const errors = clinic.takeErrors();
      assert.ok(errors.length > 0);
      for (const { code, message } of errors) {
        assert.equal(code, 'INVALID_OPTIONS');
        assert.match(message, /the application is broken/);
      }
    },
  ),
];

function throwing(): never {
  throw new Error('the application is broken');
}

async function toldOf(clinic: HttpClinic, headers: Readonly<Record<string, string>>): Promise<AuditEvent> {
  const { status } = await clinic.ask('/api/invoices/1', { as: 'ann', headers });
  assert.equal(status, 200);
  return clinic.expectOne('API_REQUEST Invoice 1 by ann: success 200');
}
