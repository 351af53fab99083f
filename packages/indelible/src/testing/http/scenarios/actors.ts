import assert from 'node:assert/strict';
import { Agent } from 'node:http';

import { askRaw, rawHead } from '../asking.js';
import { lineOf } from '../event-line.js';
import { type HttpScenario, scenario } from '../scenario.js';

const PEOPLE = 20;
const REQUESTS = 100;

/** Who a request was from. */
export const ACTORS: readonly HttpScenario[] = [
  scenario('P16: the actor is right although authentication comes after the adapter', {}, async (clinic) => {
    await clinic.ask('/api/patients/1', { as: 'ann' });
    const { actor } = await clinic.expectOne('READ Patient 1 by ann: success 200');
    assert.deepEqual([actor.type, actor.username, actor.role], ['user', 'ann@kit', 'dentist']);
  }),

  scenario('P16: the actor is right although only the handler finds out who it is', {}, async (clinic) => {
    await clinic.ask('/api/late');
    await clinic.expectTold(
      'DISCLOSURE Way early by anonymous: success',
      'DISCLOSURE Way late by late-ann: success',
    );
  }),

  scenario('P16: what authentication itself records belongs to the request', {}, async (clinic) => {
    await clinic.ask('/api/patients/1', { as: 'renewed-ann' });
    const [renewal, read] = await clinic.expectTold(
      'TOKEN_REFRESH by anonymous: success',
      'READ Patient 1 by renewed-ann: success 200',
    );
    assert.equal(renewal?.request?.id, read?.request?.id);
    assert.equal(renewal?.request?.path, '/api/patients/1');
    assert.match(String(read?.request?.route), /patients/);
  }),

  scenario('P17: two requests that come in one packet are told apart', {}, async (clinic) => {
    const requests = ['ann', 'bob'].map((id) =>
      [`GET /api/patients/1 HTTP/1.1`, 'Host: kit', `Authorization: Kit ${id}`, '', ''].join('\r\n'),
    );
    const last = rawHead('GET /api/patients/2 HTTP/1.1');
    const { text } = await askRaw(clinic.origin, [...requests, last].join(''));
    assert.equal(text.match(/HTTP\/1\.1 200/g)?.length, 3);
    const events = await clinic.newEvents(3);
    assert.deepEqual(events.map(lineOf).toSorted(), [
      'READ Patient 1 by ann: success 200',
      'READ Patient 1 by bob: success 200',
      'READ Patient 2 by anonymous: success 200',
    ]);
  }),

  scenario(
    'P18: the next request on the same connection without sign-in is anonymous',
    {},
    async (clinic) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      await clinic.ask('/api/patients/1', { as: 'ann', agent });
      await clinic.ask('/api/late', { agent });
      await clinic.ask('/api/patients/2', { agent });
      await clinic.ask('/api/patients/3', { as: 'bob', agent });
      agent.destroy();
      await clinic.expectTold(
        'READ Patient 1 by ann: success 200',
        'DISCLOSURE Way early by anonymous: success',
        'DISCLOSURE Way late by late-ann: success',
        'READ Patient 2 by anonymous: success 200',
        'READ Patient 3 by bob: success 200',
      );
    },
  ),

  scenario(
    `P17: ${REQUESTS} interleaved requests of ${PEOPLE} people never swap actors, addresses or ids`,
    { trail: { trustedProxies: ['loopback'] } },
    async (clinic) => {
      const numbers = Array.from({ length: REQUESTS }, (_, n) => n);
      await Promise.all(
        numbers.map((n) =>
          clinic.ask(`/api/ways/wait?n=${n}&ms=${waitOf(n, 7)}&ms=${waitOf(n, 5)}`, {
            as: `person-${n % PEOPLE}`,
            headers: { 'x-forwarded-for': `198.51.100.${n}`, 'x-request-id': `request-${n}` },
          }),
        ),
      );
      const events = await clinic.newEvents(REQUESTS);
      assert.equal(events.length, REQUESTS);
      for (const { actor, target, request } of events) {
        const [user, n] = (target?.id ?? '').split(' ');
        assert.deepEqual([actor.id, request?.ip, request?.id], [user, `198.51.100.${n}`, `request-${n}`]);
        assert.equal(user, `person-${Number(n) % PEOPLE}`);
      }
    },
  ),
];

/** Spread without a pattern, and the same in every run. */
function waitOf(n: number, factor: number): number {
  return (n * factor) % 13;
}
