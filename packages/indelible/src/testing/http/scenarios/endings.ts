import assert from 'node:assert/strict';

import { begin, dial, rawHead } from '../asking.js';
import type { HttpClinic } from '../http-clinic.js';
import { type HttpScenario, scenario } from '../scenario.js';

/** Requests that do not come to a good end. */
export const ENDINGS: readonly HttpScenario[] = [
  scenario(
    'a request that is given up before its answer began is told once, as aborted',
    {},
    async (clinic) => {
      const socket = await dial(clinic.origin);
      socket.write(rawHead('GET /api/slow HTTP/1.1', ['Authorization: Kit ann']));
      await clinic.signals.given('slow');
      socket.destroy();
      const { error } = await clinic.expectOne('API_REQUEST Slow by ann: failure');
      assert.equal(codeOf(error), 'ABORTED');
      // What the handler answers now, nobody takes.
      clinic.signals.give('go on');
      await clinic.ask('/api/health');
    },
  ),

  scenario(
    'a request that is given up in the middle of its answer is told once, as aborted',
    {},
    async (clinic, { differences }) => {
      await giveUp(clinic, '/api/endless');
      const isKnown = differences?.['aborted-stream'] === undefined;
      const { error } = await clinic.expectOne(
        `API_REQUEST Endless by ann: ${isKnown ? 'failure' : 'success'} 200`,
      );
      assert.equal(codeOf(error), isKnown ? 'ABORTED' : undefined);
    },
  ),

  scenario(
    'a stream of events ends when nobody listens any more, and that is no failure',
    {},
    async (clinic) => {
      await giveUp(clinic, '/api/live');
      await clinic.expectOne('API_REQUEST Live by ann: success 200');
    },
  ),

  scenario('an export that is given up was an export all the same', {}, async (clinic) => {
    await giveUp(clinic, '/api/exports/patients');
    await clinic.signals.given('export ended');
    await clinic.expectOne('EXPORT Patient by ann: success 200');
  }),

  scenario(
    'an answer that breaks in the middle is told once, and not as a success',
    {},
    async (clinic, { differences }) => {
      await assert.rejects(clinic.ask('/api/breaks', { as: 'ann' }));
      const [event, ...others] = await clinic.newEvents(1);
      assert.deepEqual([event?.action, event?.request?.statusCode, others], ['API_REQUEST', 200, []]);
      const isKnown = differences?.['aborted-stream'] === undefined;
      assert.equal(event?.outcome, isKnown ? 'error' : 'success');
    },
  ),

  scenario('a body that never comes whole leaves one event at most', {}, async (clinic) => {
    const socket = await dial(clinic.origin);
    const headers = ['Authorization: Kit ann', 'Content-Type: application/json', 'Content-Length: 1000'];
    await new Promise((done) =>
      socket.write(`${rawHead('POST /api/echoes HTTP/1.1', headers)}{"half":`, done),
    );
    await clinic.ask('/api/health');
    socket.destroy();
    await clinic.stop();
    const events = await clinic.newEvents(0);
    assert.ok(events.length <= 1);
    for (const { outcome } of events) assert.equal(outcome, 'failure');
  }),

  scenario('refusals that are thrown are told once, with their status', {}, async (clinic) => {
    for (const code of [400, 401, 403, 404, 409]) {
      const { status } = await clinic.ask(`/api/refusals/${code}`, { as: 'ann' });
      assert.equal(status, code);
    }
    await clinic.expectTold(
      'API_REQUEST Refusal 400 by ann: failure 400',
      'ACCESS_DENIED Refusal 401 by ann: denied 401',
      'ACCESS_DENIED Refusal 403 by ann: denied 403',
      'API_REQUEST Refusal 404 by ann: failure 404',
      'API_REQUEST Refusal 409 by ann: failure 409',
    );
  }),
];

/** Asks, takes the first of the answer, and is gone. */
async function giveUp({ origin }: HttpClinic, path: string): Promise<void> {
  const message = await begin(origin, path, { as: 'ann' });
  assert.equal(message.statusCode, 200);
  await new Promise((taken) => message.once('data', taken));
  message.destroy();
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | null)?.code;
}
