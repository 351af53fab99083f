import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ApiBed, live, openBed, requestFor } from '../../test/api/bed.js';
import { openTestTrail, removeTemporaryFolders } from '../../test/test-trail.js';
import { auditApi } from '../api.js';
import { Viewings } from './viewings.js';

describe('P46: looking at the trail', () => {
  let bed: ApiBed;
  beforeAll(async () => {
    bed = await openBed('sqlite');
    await live(bed);
  });
  afterAll(() => bed.close());

  const viewed = async (): Promise<number> => (await bed.recorded('AUDIT_VIEWED')).length;

  it('is recorded once for a viewer and a question, whatever the page and however it is written', async () => {
    const first = await bed.ask('logs/?page_size=2&user=dana', { as: 'north' });
    for (const path of [
      'logs/?user=dana&page_size=2',
      'logs?page_size=2&user=dana',
      String(first.body['next']),
    ])
      await bed.ask(path, { as: 'north' });
    expect(await bed.recorded('AUDIT_VIEWED')).toMatchObject([
      {
        actor: { id: 'n1', name: 'Nora North' },
        tenantId: 'north',
        source: 'read',
        target: { type: 'AuditEvent', id: null },
        request: { method: 'GET', path: '/api/audit/logs/', query: { user: 'dana' } },
      },
    ]);
    await bed.ask('logs/?page_size=2&user=dana', { as: 'south' });
    await bed.ask('logs/?page_size=2&user=d', { as: 'north' });
    expect(await viewed()).toBe(3);
  });

  it('is no recursion: looking at what was recorded of looking is one more viewing, and then none', async () => {
    const before = await viewed();
    for (let time = 0; time < 3; time += 1) await bed.ask('logs/?action=AUDIT_VIEWED', { as: 'north' });
    expect(await viewed()).toBe(before + 1);
  });

  it('tells which event, and whose history, was looked at', async () => {
    const { body } = await bed.ask('logs/?action=UPDATE', { as: 'north' });
    const [{ id }] = body['results'] as [{ id: string }];
    await bed.ask(`logs/${id}/`, { as: 'north' });
    await bed.ask('patients/42/history/', { as: 'north' });
    const [one, history] = (await bed.recorded('AUDIT_VIEWED')).slice(-2);
    expect(one).toMatchObject({ target: { type: 'AuditEvent', id } });
    expect(history).toMatchObject({
      subjectId: '42',
      request: { route: '/api/audit/patients/{id}/history/' },
    });
  });

  it('is not recorded where nothing was shown', async () => {
    const before = await viewed();
    await bed.ask('logs/?nonsense=1', { as: 'north' });
    await bed.ask('logs/01a1fdf0-4424-7143-8035-0dbc4910d31e/', { as: 'north' });
    await bed.ask('logs/', { as: 'dentist' });
    await bed.ask('me/', { as: 'north' });
    await bed.ask('integrity/', { as: 'north' });
    await bed.ask('tail/?model=Nonsense', { as: 'north' });
    expect(await viewed()).toBe(before);
  });
});

describe('P46: what cannot be recorded', () => {
  afterAll(removeTemporaryFolders);

  it.each(['logs/', 'tail/', 'logs/stats/', 'logs/export/'])('is not shown: %s', async (path) => {
    const faulty = openTestTrail({ failClosed: true, spool: false, deadlineMs: 50 });
    const viewer = { id: 'o1', tenantId: null, may: 'all' } as const;
    const api = auditApi(faulty.audit, { authorize: () => viewer, maxListeners: 1 });
    faulty.store.failNext('not-persisted', 1_000);
    const response = await api(requestFor(path));
    expect([response.status, await response.json()]).toMatchObject([503, { status: 503 }]);
    faulty.store.recover();
    const again = await api(requestFor(path));
    expect(again.status).toBe(200);
    await again.body?.cancel();
    await faulty.audit.flush();
    const told = (await faulty.stored()).filter(({ action }) => /^AUDIT_(?:VIEWED|EXPORTED)$/.test(action));
    expect(told).toHaveLength(1);
    await faulty.audit.close();
  });
});

describe('the memory of viewings', () => {
  it('lasts five minutes, and holds no more than it must', () => {
    let now = 0;
    const viewings = new Viewings(() => now);
    expect(viewings.begins('a', 'x')).toBe(true);
    now = 5 * 60_000 - 1;
    expect(viewings.begins('a', 'x')).toBe(false);
    expect(viewings.begins('b', 'x')).toBe(true);
    now = 5 * 60_000;
    expect(viewings.begins('a', 'x')).toBe(true);
    for (let n = 0; n < 20_000; n += 1) viewings.begins('c', String(n));
    expect(viewings.begins('c', '19999')).toBe(false);
    expect(viewings.begins('c', '0')).toBe(true);
  });
});
