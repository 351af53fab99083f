import type { AuditEvent } from 'indelible';
import { describe, expect, it } from 'vitest';

import { routesOf } from './app-routes.js';
import { openForTests } from './running-clinic.js';
import { NOBODY, type Visit, Walker } from './walker.js';

const clinic = await openForTests();
const routes = routesOf(clinic.app);
/** The patient is the one whose records are asked for, and Carlo Canine is another. */
const PEOPLE = ['owner', 'dentist', 'reception', 'patient', 'canine'];

const walker = await Walker.in(clinic);
for (const by of [NOBODY, ...PEOPLE]) {
  for (const { method, path } of routes) await walker.ask(by, method, path);
}
const visits = await walker.visits();

/** What says nothing of anybody. */
const UNTOLD = 'GET /api/health';

/** What is wrong with the trail of a visit. */
function wrongWith({ route, status, events }: Visit): string[] {
  const isDenied = status === 401 || status === 403;
  const isRight = isDenied ? isToldAsDenied(events) : status < 300 && isToldAsDone(events);
  if (route === UNTOLD ? events.length === 0 : isRight) return [];
  const told = events.map(({ action, outcome }) => `${action} ${outcome}`);
  return [`${route} was answered ${status} and told by ${told.join(', ') || 'nothing'}`];
}

/** By something that says what was done: that there was a request is not enough. */
function isToldAsDone(events: readonly AuditEvent[]): boolean {
  const isSuccess = events.every(({ outcome }) => outcome === 'success');
  return isSuccess && events.some(({ action }) => action !== 'API_REQUEST');
}

/** Once, with what was attempted. */
function isToldAsDenied(events: readonly AuditEvent[]): boolean {
  const [event] = events;
  const isDenial = event?.action === 'ACCESS_DENIED' && event.outcome === 'denied';
  return isDenial && typeof event.metadata?.['attempted'] === 'string' && events.length === 1;
}

describe('every route of the clinic', () => {
  it('has let somebody in', () => {
    const open = new Set(visits.filter(({ status }) => status < 300).map(({ route }) => route));
    const shut = routes.map(({ method, path }) => `${method} ${path}`).filter((route) => !open.has(route));
    expect(shut).toEqual([]);
    expect(routes.length).toBeGreaterThan(40);
  });

  it.each(PEOPLE)('P28: leaves a trail of what %s does there', (name) => {
    expect(visits.filter(({ by }) => by === name).flatMap(wrongWith)).toEqual([]);
  });

  it('P28: leaves a trail of those who have not signed in, many of whom are told as one', async () => {
    const refused = visits.filter(({ by, status }) => by === NOBODY && status === 401);
    expect(refused).toHaveLength(routes.length - 3);
    const denied = (await clinic.events()).filter(({ actor }) => actor.type === 'anonymous');
    const counted = denied.filter(({ action }) => action === 'ACCESS_DENIED').map(({ count }) => count);
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(refused.length);
    expect(counted.length).toBeLessThan(refused.length);
  });
});
