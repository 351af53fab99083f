import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  type ApiBed,
  type AskOptions,
  live,
  ONLY_SOUTH,
  openBed,
  ORIGIN,
  requestFor,
} from '../../test/api/bed.js';
import { apiSettings } from './options.js';
import type { Route } from './route.js';
import { routesOf } from './routes/routes.js';
import { flawOf } from './schema.js';
import { PROBLEM } from './schemas.js';

const ROUTES = routesOf(apiSettings({ authorize: () => null }));
const named = ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const);

/** A call of a route that could be let in, whatever comes of it. */
function pathOf(route: Route): string {
  return route.path
    .replace('{model}', 'Patient')
    .replace('{id}', route.path.startsWith('logs/') ? '01a1fdf0-4424-7143-8035-0dbc4910d31e' : '42');
}

describe('who may call', () => {
  let bed: ApiBed;
  beforeAll(async () => {
    bed = await openBed('sqlite');
    await live(bed);
  });
  afterAll(() => bed.close());

  async function denials(): Promise<number> {
    const events = await bed.recorded('ACCESS_DENIED');
    return events.reduce((sum, { count }) => sum + count, 0);
  }

  it.each(named)('P40: is somebody who is signed in, for %s', async (_, route) => {
    const { status, body, headers } = await bed.ask(pathOf(route), { method: route.method });
    const seen = [status, headers.get('www-authenticate'), body['code'] ?? null];
    const refused = [401, 'Bearer realm="audit"', 'UNAUTHENTICATED'];
    expect(seen).toEqual(route.who === 'anyone' ? [200, null, null] : refused);
    expect(status === 401 ? flawOf(body, PROBLEM) : undefined).toBeUndefined();
  });

  const closed = named.filter(([, { who }]) => who === 'all' || who === 'operator');
  const open = named.filter((one) => !closed.includes(one));

  it.each(open)('P40: is whoever is signed in, for %s', async (_, route) => {
    const before = await denials();
    const { status } = await bed.ask(pathOf(route), { method: route.method, as: 'dentist' });
    expect([status, await denials()]).toEqual([200, before]);
  });

  it.each(closed)('P40: are owners and administrators, for %s', async (_, route) => {
    const before = await denials();
    const { status, body } = await bed.ask(pathOf(route), { method: route.method, as: 'dentist' });
    expect([status, body['code']]).toEqual([403, 'FORBIDDEN']);
    expect(await denials()).toBe(before + 1);
    const event = (await bed.recorded('ACCESS_DENIED')).at(-1);
    expect(event).toMatchObject({
      outcome: 'denied',
      source: 'request',
      actor: { id: 'd1', name: 'Dana Dentist', role: 'dentist' },
      tenantId: 'north',
      target: { type: 'AuditEvent' },
      metadata: { attempted: route.attempts },
      request: { method: route.method, route: `/api/audit/${route.path}`, statusCode: 403 },
    });
  });

  it('P40: lets nobody in when the application cannot say who it is, or says half of it', async () => {
    for (const authorize of [
      () => {
        throw new Error('the session store is at 10.0.0.7');
      },
      () => ({ id: '1', may: 'all' }),
      () => ({ id: '', may: 'all', tenantId: null }),
      () => ({ id: '1', may: 'everything', tenantId: null }),
    ]) {
      const other = await openBed('sqlite', { authorize: authorize as never });
      const { status, body, text } = await other.ask('logs/');
      expect([status, body['code']]).toEqual([500, 'UNEXPECTED']);
      expect(text).not.toMatch(/10\.0|tenantId/);
      expect(other.errors).toHaveLength(1);
      await other.close();
    }
  });

  it('P40: shows a viewer no values that the application would not', async () => {
    const reveals = (_: unknown, model: string | null): boolean => model !== 'Patient';
    const other = await openBed('sqlite', { reveals });
    await live(other);
    const lists = ['logs/?model=Patient', 'subjects/42/history/', 'records/Patient/42/history/'];
    for (const path of lists) {
      const { text, body } = await other.ask(path, { as: 'north' });
      expect(text).not.toContain('2 Matterhorn');
      expect(text).toContain('changed_fields');
      expect(JSON.stringify(body['results'])).toContain('"values_hidden":true');
    }
    for (const format of ['csv', 'json', 'ndjson'])
      expect((await other.ask(`logs/export/?format=${format}`, { as: 'north' })).text).not.toContain(
        '2 Matterhorn',
      );
    expect((await other.ask('records/Patient/42/state/', { as: 'north' })).status).toBe(403);
    expect((await other.ask('logs/?model=Invoice', { as: 'north' })).text).toContain('"amount"');
    await other.close();
  });

  it('P40: shows whoever sees only their own what they did, and no values', async () => {
    const { body, text } = await bed.ask('logs/my_activity/', { as: 'dentist' });
    const results = body['results'] as { action: string; actor: { id: string }; changed_fields: string[] }[];
    expect(results.map(({ action }) => action)).toContain('UPDATE');
    expect(results.every(({ actor }) => actor.id === 'd1')).toBe(true);
    expect(results.find(({ action }) => action === 'UPDATE')?.changed_fields).toEqual(['phone']);
    expect(text).not.toContain('2 Matterhorn');
    expect(text).not.toContain(ONLY_SOUTH);
    for (const query of ['user_id=o1', 'actor_id=o1', 'tenant_id=south'])
      expect((await bed.ask(`logs/my_activity/?${query}`, { as: 'dentist' })).status).toBeGreaterThanOrEqual(
        400,
      );
  });

  it('tells everybody who is signed in what they may call', async () => {
    const callsOf = async (as: AskOptions['as']): Promise<readonly string[]> =>
      (await bed.ask('me/', { as })).body['calls'] as string[];
    expect(await callsOf('dentist')).toEqual([
      'GET /api/audit/logs/my_activity/',
      'GET /api/audit/me/',
      'GET /api/audit/openapi.json',
      'GET /api/audit/docs/',
    ]);
    expect(await callsOf('owner')).toHaveLength(ROUTES.length);
    expect((await callsOf('owner')).length - (await callsOf('north')).length).toBe(1);
    expect((await bed.ask('me/', { as: 'north' })).body).toMatchObject({
      id: 'n1',
      tenant_id: 'north',
      may: 'all',
      words: { subject: 'patient', subjects: 'patients' },
    });
  });
});

describe('a request that is signed in by cookie', () => {
  let bed: ApiBed;
  beforeAll(async () => {
    bed = await openBed('sqlite', { trustedOrigins: ['https://admin.example/'] });
  });
  afterAll(() => bed.close());

  const hold = { match: { subject_id: '42' }, reason: 'a claim' };
  async function place(headers: Record<string, string>): Promise<number> {
    return (await bed.ask('retention/holds/', { method: 'POST', body: hold, headers })).status;
  }
  const exported = async (headers: Record<string, string>): Promise<number> =>
    (await bed.ask('logs/export/', { headers })).status;
  const Cookie = 'session=owner';

  it('changes nothing unless a page of its own origin, or a trusted one, asks', async () => {
    expect(await place({ Cookie })).toBe(403);
    expect(await place({ Cookie, Origin: 'https://evil.example' })).toBe(403);
    expect(await place({ Cookie, Origin: 'null' })).toBe(403);
    expect(await place({ Cookie, Origin: 'http://clinic.example' })).toBe(403);
    expect(await place({ Cookie, Origin: `${ORIGIN}.evil.example` })).toBe(403);
    expect(await bed.recorded('HOLD_PLACED')).toEqual([]);
    expect(await bed.recorded('ACCESS_DENIED')).toHaveLength(5);
    expect(await place({ Cookie, Origin: ORIGIN })).toBe(201);
    expect(await place({ Cookie, Origin: 'https://admin.example' })).toBe(201);
    expect(await place({ Authorization: 'Bearer owner' })).toBe(201);
    expect(await place({ Authorization: 'Bearer owner', Origin: 'https://evil.example' })).toBe(201);
  });

  it('exports nothing unless its own page asks, which with a GET says so in another way', async () => {
    expect(await exported({ Cookie })).toBe(403);
    expect(await exported({ Cookie, 'Sec-Fetch-Site': 'cross-site', Referer: `${ORIGIN}/` })).toBe(403);
    expect(await exported({ Cookie, Referer: 'https://evil.example/' })).toBe(403);
    expect(await bed.recorded('AUDIT_EXPORTED')).toEqual([]);
    expect(await exported({ Cookie, Origin: ORIGIN })).toBe(200);
    expect(await exported({ Cookie, 'Sec-Fetch-Site': 'same-origin' })).toBe(200);
    expect(await exported({ Cookie, Referer: `${ORIGIN}/audit` })).toBe(200);
    expect(await exported({ Authorization: 'Bearer owner' })).toBe(200);
  });

  it('reads with a plain GET', async () => {
    expect((await bed.ask('logs/', { headers: { Cookie } })).status).toBe(200);
  });

  it('is one whose credentials a browser sends by itself, too, and whatever the application says', async () => {
    const basic = await openBed('sqlite', {
      authorize: () => ({ id: 'o1', tenantId: null, may: 'all' }),
    });
    const asked = { method: 'POST', body: hold, headers: { Authorization: 'Basic eDp5' } };
    expect((await basic.ask('retention/holds/', asked)).status).toBe(403);
    await basic.close();
    const said = await openBed('sqlite', {
      authorize: () => ({ id: 'o1', tenantId: null, may: 'all', by: 'cookie' }),
    });
    expect((await said.ask('retention/holds/', { method: 'POST', body: hold })).status).toBe(403);
    await said.close();
  });

  it('may come to a server behind a proxy that takes care of TLS', async () => {
    const request = requestFor('retention/holds/', {
      method: 'POST',
      body: hold,
      headers: { Cookie, Origin: ORIGIN },
    });
    const behind = new Request(request.url.replace('https:', 'http:'), request.clone());
    expect((await bed.api(behind)).status).toBe(201);
  });
});
