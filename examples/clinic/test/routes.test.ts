import type { AuditEvent } from 'indelible';
import { describe, expect, it } from 'vitest';

import { routesOf } from './app-routes.js';
import { openForTests } from './running-clinic.js';
import { RIGHTS } from './rights.js';
import { NOBODY, type Visit, Walker } from './walker.js';

const clinic = await openForTests();
const routes = routesOf(clinic.app);
/** The patient is the one whose records are asked for, and Carlo Canine is another. */
const PEOPLE = ['owner', 'dentist', 'floss', 'reception', 'patient', 'canine'];

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
    expect(routes.length).toBeGreaterThan(100);
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

describe('who may what', () => {
  const collections = Object.entries(RIGHTS).flatMap(([resource, rights]) =>
    Object.entries(rights).map(([by, allowed]) => ({ resource, by, allowed })),
  );

  it.each(collections)('$resource: $by may $allowed, and nothing else', ({ resource, by, allowed }) => {
    const done = STEPS.filter(([, method, path]) => {
      const visit = visits.find((one) => one.by === by && one.route === `${method} /api/${resource}${path}`);
      return visit !== undefined && visit.status < 300;
    });
    expect(done.map(([letter]) => letter).join('')).toBe(allowed);
    const refused = visits.filter(
      ({ by: whose, route, status }) => whose === by && isOf(route, resource) && status >= 300,
    );
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set(refused.length === 0 ? [] : [403]));
  });

  it('is said of every collection', () => {
    const known = new Set([...Object.keys(RIGHTS), 'users', 'login', 'logout', 'register']);
    const paths = routes.filter(({ method, path }) => method === 'POST' && /^\/api\/[\w-]+$/.test(path));
    expect(paths.map(({ path }) => path.slice(5)).filter((name) => !known.has(name))).toEqual([]);
  });
});

/** List, create, read, patch, put and delete. */
const STEPS = [
  ['L', 'GET', ''],
  ['C', 'POST', ''],
  ['R', 'GET', '/:id'],
  ['P', 'PATCH', '/:id'],
  ['U', 'PUT', '/:id'],
  ['D', 'DELETE', '/:id'],
] as const;

function isOf(route: string, resource: string): boolean {
  return new RegExp(`^\\w+ /api/${resource}(/:id)?$`).test(route);
}

describe('a method that a path has no use for', () => {
  it('is 405 with those it has, for everybody who is signed in', async () => {
    const owner = await clinic.as('owner');
    for (const path of new Set(routes.map((route) => route.path))) {
      const methods = routes.filter((route) => route.path === path).map(({ method }) => method);
      for (const method of ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'].filter(
        (one) => !methods.includes(one),
      )) {
        const { status, headers } = await owner.send(method, `${path.replace(':id', '1')}/`);
        expect([method, path, status]).toEqual([method, path, 405]);
        expect(headers.get('allow')?.split(', ').toSorted()).toEqual(methods.toSorted());
      }
    }
  });
});
