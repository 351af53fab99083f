import assert from 'node:assert/strict';

import { type HttpScenario, scenario } from '../scenario.js';

/** What is recorded when somebody was kept away. */
export const DENIALS: readonly HttpScenario[] = [
  scenario('P28: 403 and 404 on a patient are denied, answered and thrown alike', {}, async (clinic) => {
    for (const id of ['hidden', 'gone', 'refused', 'lost'])
      await clinic.ask(`/api/patients/${id}`, { as: 'ann' });
    const events = await clinic.expectTold(
      'ACCESS_DENIED Patient hidden by ann: denied 403',
      'ACCESS_DENIED Patient gone by ann: denied 404',
      'ACCESS_DENIED Patient refused by ann: denied 403',
      'ACCESS_DENIED Patient lost by ann: denied 404',
    );
    for (const { metadata } of events) assert.equal(metadata?.['attempted'], 'READ');
  }),

  scenario(
    'P28: 403 and 404 on a patient are denied on a route that nobody decorated',
    {},
    async (clinic) => {
      for (const id of ['hidden', 'gone', 'refused', 'lost'])
        await clinic.ask(`/api/patients/${id}/plain`, { as: 'ann' });
      const events = await clinic.expectTold(
        'ACCESS_DENIED Patient hidden by ann: denied 403',
        'ACCESS_DENIED Patient gone by ann: denied 404',
        'ACCESS_DENIED Patient refused by ann: denied 403',
        'ACCESS_DENIED Patient lost by ann: denied 404',
      );
      for (const { metadata } of events) assert.equal(metadata?.['attempted'], 'READ');
    },
  ),

  scenario('P28: a missing record that is not protected is a failure, and no denial', {}, async (clinic) => {
    await clinic.ask('/api/invoices/gone', { as: 'ann' });
    await clinic.ask('/api/invoices/hidden', { as: 'ann' });
    await clinic.expectTold(
      'API_REQUEST Invoice gone by ann: failure 404',
      'ACCESS_DENIED Invoice hidden by ann: denied 403',
    );
  }),

  scenario(
    'P28: what the framework itself refuses is denied, with or without a decorator',
    {},
    async (clinic) => {
      await clinic.ask('/api/patients/1/vault', { as: 'ann' });
      await clinic.ask('/api/invoices/7', { method: 'DELETE', as: 'ann' });
      const events = await clinic.expectTold(
        'ACCESS_DENIED Patient 1 by ann: denied 403',
        'ACCESS_DENIED Invoice 7 by ann: denied 403',
      );
      assert.deepEqual(
        events.map(({ metadata }) => metadata?.['attempted']),
        ['READ', 'DELETE'],
      );
    },
  ),

  scenario('P28: somebody who has not signed in is denied too, and is anonymous', {}, async (clinic) => {
    await clinic.ask('/api/statuses/401');
    await clinic.ask('/api/patients/hidden');
    await clinic.ask('/api/patients/gone/plain');
    await clinic.ask('/api/patients/1/vault');
    await clinic.expectTold(
      'ACCESS_DENIED Status 401 by anonymous: denied 401',
      'ACCESS_DENIED Patient hidden by anonymous: denied 403',
      'ACCESS_DENIED Patient gone by anonymous: denied 404',
      'ACCESS_DENIED Patient 1 by anonymous: denied 403',
    );
  }),

  scenario(
    'P28: outside the prefix a denial is told of a decorated route, and of no other',
    {},
    async (clinic) => {
      await clinic.ask('/people/hidden', { as: 'ann' });
      await clinic.ask('/charts/hidden', { as: 'ann' });
      await clinic.expectOne('ACCESS_DENIED Patient hidden by ann: denied 403');
    },
  ),

  scenario('P28: health checks leave nothing, and what no route answers is told', {}, async (clinic) => {
    await clinic.ask('/api/health', { as: 'ann' });
    await clinic.ask('/api/nowhere/1', { as: 'ann' });
    await clinic.ask('/nowhere', { as: 'ann' });
    const { request } = await clinic.expectOne('API_REQUEST by ann: failure 404');
    assert.equal(request?.path, '/api/nowhere/1');
  }),

  scenario(
    'a change made before its request was refused is told, and so is the refusal',
    {},
    async (clinic) => {
      await clinic.ask('/api/patients/1?then=refused', { method: 'PATCH', as: 'ann', body: {} });
      await clinic.ask('/api/patients/1?then=broken', { method: 'PATCH', as: 'ann', body: {} });
      await clinic.expectTold(
        'UPDATE Patient 1 by ann: success',
        'ACCESS_DENIED Patient 1 by ann: denied 403',
        'UPDATE Patient 1 by ann: success',
        'API_REQUEST Patient 1 by ann: error 500',
      );
    },
  ),

  scenario('a failed sign-in is told as one, and not as a denial besides', {}, async (clinic) => {
    const body = { name: 'ann', password: 'wrong' };
    const { status } = await clinic.ask('/api/login', { method: 'POST', body });
    assert.equal(status, 401);
    await clinic.expectOne('LOGIN_FAILED by anonymous: failure');
  }),
];
