import assert from 'node:assert/strict';

import type { HttpClinic } from '../http-clinic.js';
import { type HttpScenario, scenario } from '../scenario.js';

/** Requests that are made the way an application's own tests make them. */
export const IN_PROCESS: readonly HttpScenario[] = [
  scenario("requests by the framework's own way to test are told as any other", {}, async (clinic) => {
    assert.equal((await asked(clinic, '/api/patients/1')).status, 200);
    await clinic.expectOne('READ Patient 1 by ann: success 200');
    const answer = await asked(clinic, '/api/patients/hidden');
    assert.deepEqual([answer.status, await answer.json()], [403, { detail: 'Not yours.' }]);
    await clinic.expectOne('ACCESS_DENIED Patient hidden by ann: denied 403');
    const body = JSON.stringify({ names: ['Eve'] });
    await asked(clinic, '/api/patients/1', { method: 'PATCH', body });
    await clinic.expectOne('UPDATE Patient 1 by ann: success');
  }),
];

/** Over a socket where the framework has no other way. */
function asked({ app }: HttpClinic, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = {
    authorization: 'Kit ann',
    ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const request = new Request(`${app.origin}${path}`, { ...init, headers });
  return app.inject === undefined ? fetch(request) : app.inject(request);
}
