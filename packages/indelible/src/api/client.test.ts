import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ApiBed, live, openBed, ORIGIN } from '../../test/api/bed.js';
import { AuditApiError, AuditClient } from '../client.js';

describe('the client of the API', () => {
  let bed: ApiBed;
  let client: AuditClient;
  beforeAll(async () => {
    bed = await openBed('sqlite');
    await live(bed);
    client = clientAs('owner');
  });
  afterAll(() => bed.close());

  function clientAs(who: string): AuditClient {
    return new AuditClient({
      path: `${ORIGIN}/api/audit/`,
      fetch: (request) => bed.api(request),
      headers: () => ({ Authorization: `Bearer ${who}` }),
    });
  }

  it('reads the lists, and their pages', async () => {
    const page = await client.logs({ action: ['UPDATE', 'READ'], model: 'Patient', page_size: 3 });
    expect(page.results.map(({ action }) => action)).toEqual(['READ', 'UPDATE', 'READ']);
    const next = await client.page(page.next ?? '');
    expect(next.results.map(({ action }) => action)).toEqual(['UPDATE']);
    const [event] = next.results;
    const id = event?.id ?? '';
    expect((await client.log(id)).id).toBe(id);
    expect((await client.proof(id)).event_id).toBe(id);
    expect((await client.recordHistory('Patient', '42', { tenant_id: 'north' })).count).toBe(3);
    expect((await client.recordState('Patient', '42', { tenant_id: 'north' })).exists).toBe(true);
    expect((await client.subjectHistory('42')).count).toBeGreaterThanOrEqual(6);
    expect((await clientAs('dentist').myActivity()).results.length).toBeGreaterThan(0);
    expect((await client.me()).id).toBe('o1');
  });

  it('reads sums, the evidence and the rules, and changes these', async () => {
    expect((await client.stats()).total_logs).toBeGreaterThan(9);
    expect((await client.summary({ days: 3 })).per_day).toHaveLength(3);
    expect((await client.verify()).state).toBe('running');
    while ((await client.integrity()).last_verification?.state === 'running') await setTimeout(20);
    expect((await client.integrity()).last_verification?.is_good).toBe(true);
    const policy = await client.addPolicy({ match: { model: 'Invoice' }, days: 2_555 });
    expect((await client.changePolicy(policy.id, { days: 3_000 })).days).toBe(3_000);
    expect((await client.policies()).results).toHaveLength(1);
    await client.removePolicy(policy.id);
    const hold = await client.placeHold({ match: { subject_id: '42' }, reason: 'a claim' });
    expect((await client.holds()).map(({ id }) => id)).toEqual([hold.id]);
    expect((await client.retentionPreview({ as_of: '2040-01-01' })).kept_by_holds).toBeGreaterThan(0);
    await client.releaseHold(hold.id, 'settled');
    expect(await client.holds()).toEqual([]);
  });

  it('hands on a file, and new events as they come', async () => {
    const file = await client.export({ format: 'csv', model: 'Patient' });
    expect((await file.text()).split('\r\n')).toHaveLength(8);
    const stop = new AbortController();
    const tail = client.tail({ action: 'PRINT' }, { signal: stop.signal });
    const next = tail.next();
    await setTimeout(300);
    await bed.audit.record({ action: 'PRINT', target: { type: 'Patient', id: '42' } });
    expect((await next).value).toMatchObject({ action: 'PRINT', target: { id: '42' } });
    await tail.return(undefined);
    stop.abort();
  });

  it('throws what went wrong', async () => {
    const refused = await client.logs({ model: 'Nonsense' }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AuditApiError);
    expect(refused).toMatchObject({ status: 400, problem: { errors: [{ parameter: 'model' }] } });
    const proxy = new AuditClient({
      path: ORIGIN,
      fetch: async () => new Response('<h1>Bad gateway</h1>', { status: 502, statusText: 'Bad Gateway' }),
    });
    await expect(proxy.me()).rejects.toMatchObject({
      status: 502,
      message: 'The server answered 502 Bad Gateway.',
    });
  });

  it('reaches nothing that a browser has not: it imports types alone', () => {
    const text = readFileSync(new URL('client.ts', import.meta.url), 'utf8');
    const imports = text.match(/^import\b.*/gm) ?? [];
    expect(imports.length).toBeGreaterThan(0);
    expect(imports.filter((line) => !line.startsWith('import type'))).toEqual([]);
    expect(text).not.toMatch(/\bBuffer\b|\bprocess\b|node:/);
  });
});
