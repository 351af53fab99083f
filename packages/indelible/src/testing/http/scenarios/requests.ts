import assert from 'node:assert/strict';

import { type HttpScenario, scenario } from '../scenario.js';

/** The safety net: requests that nothing else has told. */
export const REQUESTS: readonly HttpScenario[] = [
  scenario('one fact is one event, for each class of status', {}, async (clinic) => {
    for (const code of [200, 201, 204, 302, 400, 401, 403, 404, 409, 422, 500, 503])
      await clinic.ask(`/api/statuses/${code}`, { as: 'ann' });
    await clinic.expectTold(
      'API_REQUEST Status 200 by ann: success 200',
      'API_REQUEST Status 201 by ann: success 201',
      'API_REQUEST Status 204 by ann: success 204',
      'API_REQUEST Status 302 by ann: success 302',
      'API_REQUEST Status 400 by ann: failure 400',
      'ACCESS_DENIED Status 401 by ann: denied 401',
      'ACCESS_DENIED Status 403 by ann: denied 403',
      'API_REQUEST Status 404 by ann: failure 404',
      'API_REQUEST Status 409 by ann: failure 409',
      'API_REQUEST Status 422 by ann: failure 422',
      'API_REQUEST Status 500 by ann: error 500',
      'API_REQUEST Status 503 by ann: error 503',
    );
  }),

  scenario(
    'a request that nothing else has told is told with all that is known of it',
    {},
    async (clinic) => {
      await clinic.ask('/api/dental-records/7?view=full&view=wide', {
        as: 'ann',
        headers: { 'user-agent': 'kit/1.0' },
      });
      const { source, request } = await clinic.expectOne('API_REQUEST DentalRecord 7 by ann: success 200');
      assert.equal(source, 'request');
      const { id, route, durationMs, ip, ...known } = { ...request };
      assert.deepEqual(known, {
        method: 'GET',
        path: '/api/dental-records/7',
        query: { view: ['full', 'wide'] },
        body: null,
        statusCode: 200,
        ipSource: 'socket',
        forwardedFor: null,
        userAgent: 'kit/1.0',
      });
      assert.match(String(id), /^[\da-f-]{36}$/);
      assert.match(String(route), /dental-records/);
      assert.ok(ip === '127.0.0.1' || ip === '::1');
      assert.ok(Number(durationMs) >= 0);
    },
  ),

  scenario(
    'somebody who has not signed in leaves nothing, unless it fails or is refused',
    {},
    async (clinic) => {
      for (const code of [200, 302, 400, 404, 500]) await clinic.ask(`/api/statuses/${code}`);
      await clinic.expectOne('API_REQUEST Status 500 by anonymous: error 500');
    },
  ),

  scenario('a change is told, and the request that made it is not besides', {}, async (clinic) => {
    await clinic.ask('/api/patients', { method: 'POST', as: 'ann', body: {} });
    await clinic.ask('/api/patients/1', { method: 'PATCH', as: 'ann', body: {} });
    await clinic.ask('/api/patients/1', { method: 'DELETE', as: 'ann' });
    const events = await clinic.expectTold(
      'CREATE Patient 77 by ann: success',
      'UPDATE Patient 1 by ann: success',
      'DELETE Patient 1 by ann: success',
    );
    for (const { request } of events) assert.match(String(request?.path), /^\/api\/patients/);
  }),

  scenario('signing in and out are told, health checks and other paths are not', {}, async (clinic) => {
    await clinic.ask('/api/login', { method: 'POST', body: { name: 'ann', password: 'open sesame' } });
    await clinic.ask('/api/logout', { method: 'POST', as: 'ann' });
    await clinic.ask('/api/health', { as: 'ann' });
    await clinic.ask('/pages/about', { as: 'ann' });
    await clinic.expectTold('LOGIN_SUCCESS by ann: success', 'LOGOUT by ann: success');
  }),

  scenario('what a handler throws is told once, with the error', {}, async (clinic, { differences }) => {
    const { status } = await clinic.ask('/api/throws', { as: 'ann' });
    assert.equal(status, 500);
    const { error } = await clinic.expectOne('API_REQUEST Throw by ann: error 500');
    const message = (error as { readonly message?: string } | null)?.message;
    assert.equal(message, differences?.['thrown-error'] === undefined ? 'the drill is broken' : undefined);
  }),

  scenario('an adapter that is attached twice tells once', { attachments: 2 }, async (clinic) => {
    await clinic.ask('/api/patients/1', { as: 'ann' });
    await clinic.ask('/api/dental-records/1', { as: 'ann' });
    await clinic.ask('/api/patients/hidden', { as: 'ann' });
    await clinic.ask('/api/throws', { as: 'ann' });
    await clinic.expectTold(
      'READ Patient 1 by ann: success 200',
      'API_REQUEST DentalRecord 1 by ann: success 200',
      'ACCESS_DENIED Patient hidden by ann: denied 403',
      'API_REQUEST Throw by ann: error 500',
    );
  }),
];
