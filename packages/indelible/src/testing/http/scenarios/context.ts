import assert from 'node:assert/strict';

import type { AuditEvent } from '../../../event/event.js';
import { dial, rawHead } from '../asking.js';
import type { HttpClinic } from '../http-clinic.js';
import { type HttpScenario, scenario } from '../scenario.js';

/** That the context stays with a request wherever its work goes. */
export const CONTEXT: readonly HttpScenario[] = [
  scenario('P17: the context survives timers, ticks and microtasks', {}, (clinic) =>
    expectWays(clinic, '/api/ways/timers', ['timer', 'immediate', 'next tick', 'microtask']),
  ),

  scenario('P17: the context survives Promise.all', {}, (clinic) =>
    expectWays(clinic, '/api/ways/all', ['after 1', 'after 2', 'after 3']),
  ),

  scenario('P17: the context survives a streamed answer, chunk by chunk', {}, (clinic) =>
    expectWays(clinic, '/api/ways/stream', ['first chunk', 'second chunk', 'third chunk']),
  ),

  scenario(
    'P17: the context survives emitters, also those of the request and the answer',
    {},
    async (clinic) => {
      const { text } = await clinic.ask('/api/ways/emitters', { as: 'ann' });
      const ways = text.includes('true')
        ? ['answer closed', 'answer finished', 'own emitter', 'request closed']
        : ['own emitter'];
      expectAll(await clinic.newEvents(ways.length), ways);
    },
  ),

  scenario('P17: the context survives being given up', {}, async (clinic) => {
    const socket = await dial(clinic.origin);
    socket.write(rawHead('GET /api/ways/closed HTTP/1.1', ['Authorization: Kit ann']));
    await clinic.signals.given('slow');
    socket.destroy();
    const ways = clinic.signals.isGiven('has node') ? ['answer closed'] : [];
    const events = await clinic.newEvents(1 + ways.length);
    clinic.signals.give('go on');
    assert.equal(events.filter(({ action }) => action === 'API_REQUEST').length, 1);
    assert.deepEqual(
      events.flatMap(({ metadata }) => metadata?.['way'] ?? []),
      ways,
    );
    for (const { actor } of events) assert.equal(actor.id, 'ann');
  }),

  scenario('P17: the context survives the answer', {}, async (clinic) => {
    await clinic.ask('/api/ways/after', { as: 'ann' });
    clinic.signals.give('answered');
    // That nothing had been recorded when the answer left is told by the request itself.
    const events = await clinic.newEvents(3);
    expectAll(
      events.filter(({ action }) => action === 'DISCLOSURE'),
      ['after the answer', 'timer after the answer'],
    );
    assert.equal(events.filter(({ action }) => action === 'API_REQUEST').length, 1);
  }),

  scenario(
    'P17: the context survives a body that comes in pieces, with others between',
    {},
    async (clinic) => {
      const people = ['ann', 'bob', 'cleo'];
      const sockets = await Promise.all(people.map(() => dial(clinic.origin)));
      const bodies = people.map((id) => JSON.stringify({ id, filler: 'x'.repeat(100) }));
      people.forEach((id, n) => sockets[n]?.write(headOf(id, bodies[n] ?? '')));
      for (let at = 0; at < 120; at += 40) {
        // Each piece leaves in a packet of its own, the last person's first.
        for (const n of [2, 0, 1]) {
          await new Promise((done) => sockets[n]?.write((bodies[n] ?? '').slice(at, at + 40), done));
          await clinic.ask('/api/health');
        }
      }
      for (const n of people.keys()) sockets[n]?.write((bodies[n] ?? '').slice(120));
      const events = await clinic.newEvents(people.length);
      assert.deepEqual(events.map(({ actor }) => String(actor.id)).toSorted(), people);
      for (const { actor, target } of events) assert.equal(target?.id, actor.id);
      for (const socket of sockets) socket.destroy();
    },
  ),
];

function headOf(person: string, body: string): string {
  const headers = [
    `Authorization: Kit ${person}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
  ];
  return rawHead('POST /api/ways/body HTTP/1.1', headers);
}

async function expectWays(clinic: HttpClinic, path: string, ways: readonly string[]): Promise<void> {
  await clinic.ask(path, { as: 'ann' });
  expectAll(await clinic.newEvents(ways.length), ways);
}

/** In whichever order they came, all are of the same person and the same request. */
function expectAll(events: readonly AuditEvent[], ways: readonly string[]): void {
  assert.deepEqual(events.map(({ metadata }) => String(metadata?.['way'])).toSorted(), ways.toSorted());
  for (const { actor } of events) assert.equal(actor.id, 'ann');
  assert.equal(new Set(events.map(({ request }) => request?.id)).size, 1);
  assert.ok(events[0]?.request?.id);
}
