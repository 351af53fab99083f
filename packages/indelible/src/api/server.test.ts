import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ApiBed, live, openBed, ORIGIN } from '../../test/api/bed.js';
import { auditFetch } from '../fetch.js';
import { auditApi } from '../api.js';
import { flawOf } from './schema.js';
import { PROBLEM } from './schemas.js';

describe('the server of the API', () => {
  let bed: ApiBed;
  beforeAll(async () => {
    bed = await openBed('sqlite');
    await live(bed);
  });
  afterAll(() => bed.close());

  it('answers what it does not know with a problem', async () => {
    for (const path of [
      '',
      'nonsense/',
      'logs//',
      'logs/x/y/',
      'LOGS/',
      'logs/%E0%A4%A/',
      '/api/auditor/',
      '/x/',
    ])
      expect([path, (await bed.ask(path, { as: 'owner' })).body]).toMatchObject([
        path,
        { type: 'about:blank', title: 'Not Found', status: 404, code: 'NOT_FOUND' },
      ]);
  });

  it('P43: edits no event: what is there takes no PUT, PATCH, POST or DELETE', async () => {
    for (const path of ['logs/', 'logs/01a1fdf0-4424-7143-8035-0dbc4910d31e/', 'records/Patient/42/history/'])
      for (const method of ['PUT', 'PATCH', 'POST', 'DELETE']) {
        const { status, headers, body } = await bed.ask(path, { as: 'owner', method });
        expect([path, method, status, headers.get('allow'), flawOf(body, PROBLEM)]).toEqual([
          path,
          method,
          405,
          'GET, HEAD, OPTIONS',
          undefined,
        ]);
      }
    const options = await bed.ask('retention/', { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, POST, OPTIONS']);
    expect((await bed.ask('logs/export/', { as: 'owner', method: 'HEAD' })).status).toBe(405);
  });

  it('tells browsers to keep nothing, run nothing and guess nothing', async () => {
    for (const path of ['logs/', 'nonsense/', 'logs/export/', 'openapi.json', 'docs/']) {
      const { headers } = await bed.ask(path, { as: 'owner' });
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('cache-control')).toMatch(
        path === 'openapi.json' ? 'private, no-cache' : 'no-store',
      );
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('has bounds for addresses and bodies', async () => {
    expect((await bed.ask(`logs/?search=${'x'.repeat(9_000)}`, { as: 'owner' })).status).toBe(414);
    const hold = { match: { subject_id: '1' }, reason: 'x'.repeat(70_000) };
    const post = (body: unknown, headers: Record<string, string> = {}): Promise<number> =>
      bed
        .ask('retention/holds/', { as: 'owner', method: 'POST', body, headers })
        .then(({ status }) => status);
    expect(await post(hold)).toBe(413);
    expect(await post(hold, { 'Content-Length': '10' })).toBe(413);
    expect(await post('x=1', { 'Content-Type': 'application/x-www-form-urlencoded' })).toBe(415);
    expect(await post('null')).toBe(400);
    expect(await post('{"__proto__":{"a":1},"match":{"subject_id":"1"},"reason":"x"}')).toBe(400);
  });

  it('P42: hands scripts and their like back as data, in JSON that no browser takes for a page', async () => {
    const evil = '<script>alert(1)</script>\u2028"';
    await bed.audit.run({ tenantId: 'north' }, () =>
      bed.audit.record({ action: 'DELETE', target: { type: 'Patient', id: '1', label: evil }, reason: evil }),
    );
    const { body, headers } = await bed.ask('logs/?object_id=1', { as: 'north' });
    expect(body['results']).toMatchObject([{ reason: evil, target: { label: evil } }]);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    const { text } = await bed.ask(`logs/?model=${encodeURIComponent(evil)}`, { as: 'north' });
    expect(JSON.parse(text)).toMatchObject({ status: 400, errors: [{ parameter: 'model' }] });
  });

  it('says of a store that is away only that it is, and tells the operator the rest', async () => {
    const other = await openBed('sqlite');
    await other.store.close();
    const before = other.errors.length;
    const { status, body, text, headers } = await other.ask('logs/', { as: 'owner' });
    expect([status, headers.get('retry-after'), flawOf(body, PROBLEM)]).toEqual([503, '5', undefined]);
    expect(text).not.toMatch(/sqlite|\.db|indelible/i);
    expect(other.errors.length).toBeGreaterThan(before);
    await other.close();
  });

  it('lies under another path, and calls the subject what the application calls it', async () => {
    const other = await openBed('sqlite', { path: '/trail/v1/', subject: { word: 'client' } });
    await live(other);
    const { body } = await other.ask('/trail/v1/logs?page_size=1&client_id=42', { as: 'north' });
    expect(body).toMatchObject({
      count: 3,
      next: expect.stringMatching(/^\/trail\/v1\/logs\?page_size=1&client_id=42&cursor=/),
    });
    expect((await other.ask(String(body['next']), { as: 'north' })).status).toBe(200);
    expect((await other.ask('/trail/v1/clients/42/history', { as: 'north' })).body['count']).toBeGreaterThan(
      2,
    );
    expect((await other.ask('/trail/v1/logs/?patient_id=42', { as: 'north' })).status).toBe(400);
    expect((await other.ask('/api/audit/logs/', { as: 'north' })).status).toBe(404);
    const csv = await other.ask('/trail/v1/logs/export/?client_id=42', { as: 'north' });
    expect(csv.text).toContain(',Client ID,');
    expect(csv.headers.get('content-disposition')).toContain('client_audit_logs_');
    await other.close();
  });

  it.each([['/api/audit'], ['/api/v2/trail']])(
    'P46: under %s records its calls once, also behind a safety net',
    async (path) => {
      const other = await openBed('sqlite');
      const { authorize } = await import('../../test/api/bed.js');
      const api = auditApi(other.audit, { authorize, path });
      const watched = auditFetch(other.audit, {
        actor: () => ({ type: 'user', id: 'n1', email: 'n@x.example' }),
      })(api);
      const get = (at: string, as: string): Promise<Response> =>
        watched(new Request(`${ORIGIN}${path}/${at}`, { headers: { Authorization: `Bearer ${as}` } }));
      for (const at of ['logs/', 'logs/', 'logs/?nonsense=1', 'nonsense/', 'integrity/', 'me/'])
        await get(at, 'north');
      await get('logs/', 'dentist');
      await (await get('logs/export/', 'north')).text();
      const events = await other.recorded('AUDIT_VIEWED,ACCESS_DENIED,AUDIT_EXPORTED,API_REQUEST');
      expect(events.map(({ action }) => action)).toEqual(['AUDIT_VIEWED', 'ACCESS_DENIED', 'AUDIT_EXPORTED']);
      // The application knows more of who acts than the viewer says.
      expect(events[0]?.actor).toMatchObject({ id: 'n1', email: 'n@x.example' });
      await other.close();
    },
  );

  it('refuses options that mean nothing', () => {
    for (const options of [
      {},
      { authorize: () => null, path: 'no slash' },
      { authorize: () => null, subject: { word: 'The Patient' } },
      { authorize: () => null, trustedOrigins: ['x'] },
    ])
      expect(() => auditApi(bed.audit, options as never)).toThrow(/^auditApi: /);
  });
});
