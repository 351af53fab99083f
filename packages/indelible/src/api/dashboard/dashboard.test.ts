import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ApiBed, live, ONLY_SOUTH, openBed } from '../../../test/api/bed.js';
import { flawOf } from '../schema.js';
import { Lately } from './lately.js';
import { FACETS, FINDINGS, HISTOGRAM, ONE_FINDING, STATISTICS } from './schemas.js';

const FAILURES = 12;

describe.each(['sqlite', 'postgres'] as const)('the figures of a dashboard, over %s,', (kind) => {
  let bed: ApiBed;
  beforeAll(async () => {
    bed = await openBed(kind);
    await live(bed);
    await bed.audit.run({ tenantId: 'north' }, async () => {
      for (let n = 0; n < FAILURES; n += 1)
        await bed.audit.record({
          action: 'LOGIN_FAILED',
          outcome: 'failure',
          source: 'auth',
          actor: { type: 'anonymous' },
          request: { ip: '203.0.113.9' },
        });
    });
    await bed.audit.flush();
  });
  afterAll(() => bed.close());

  it('count each value among what matches, and say whether that is all of it', async () => {
    const { body } = await bed.ask('facets/?facets=action,subject_id&model=Patient', { as: 'north' });
    expect(flawOf(body, FACETS)).toBeUndefined();
    expect(body).toEqual({
      among: 3,
      is_exact: true,
      facets: {
        action: ['CREATE', 'READ', 'UPDATE'].map((value) => ({ value, count: 1 })),
        subject_id: [{ value: '42', count: 3 }],
      },
    });
    const all = await bed.ask('facets/?top=1', { as: 'north' });
    expect(Object.keys(all.body['facets'] as object)).toEqual([
      'action',
      'outcome',
      'source',
      'model',
      'role',
      'actor_id',
      'subject_id',
    ]);
  });

  it('are refused where a facet or an interval is none, by its name', async () => {
    for (const [path, parameter] of [
      ['facets/?facets=action,name', 'facets'],
      ['facets/?top=0', 'top'],
      ['facets/?page_size=3', 'page_size'],
      ['histogram/?interval=minute', 'interval'],
    ] as const) {
      const { status, body } = await bed.ask(path, { as: 'owner' });
      expect([path, status, body['errors']]).toMatchObject([path, 400, [{ parameter }]]);
    }
  });

  it('count by stretches of time, which add up to what matches', async () => {
    const { body } = await bed.ask('histogram/?days=2&interval=hour&model=Patient', { as: 'north' });
    expect(flawOf(body, HISTOGRAM)).toBeUndefined();
    const buckets = body['buckets'] as { start: string; count: number }[];
    expect(body['interval']).toBe('hour');
    expect(buckets.length).toBeGreaterThan(23);
    expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(3);
  });

  it('tell what looks suspicious, and take a note of whoever has looked into it', async () => {
    const { body } = await bed.ask('findings/', { as: 'north' });
    expect(flawOf(body, FINDINGS)).toBeUndefined();
    const [finding] = body['results'] as { id: string; type: string; severity: string; count: number }[];
    expect(finding).toMatchObject({ type: 'failed_logins', severity: 'high', count: FAILURES });
    const path = `findings/${finding?.id}/acknowledge/`;
    const given = { as: 'north', method: 'POST', body: { note: 'a forgotten password' } } as const;
    const { status, body: told } = await bed.ask(path, given);
    expect([status, flawOf(told, ONE_FINDING)]).toEqual([200, undefined]);
    expect(told['acknowledgement']).toMatchObject({ by: { id: 'n1' }, note: 'a forgotten password' });
    const again = await bed.ask('findings/', { as: 'north' });
    expect(again.body['results']).toMatchObject([{ acknowledgement: { by: { id: 'n1' } } }]);
    expect(await bed.recorded('FINDING_ACKNOWLEDGED')).toHaveLength(1);
  });

  it('P47: tell nobody of the findings of another tenant, nor let them be acknowledged', async () => {
    const { body } = await bed.ask('findings/', { as: 'north' });
    const [finding] = body['results'] as { id: string }[];
    expect((await bed.ask('findings/', { as: 'south' })).body).toEqual({ results: [] });
    const given = { as: 'south', method: 'POST', body: { note: 'seen' } } as const;
    expect((await bed.ask(`findings/${finding?.id}/acknowledge/`, given)).status).toBe(404);
    expect((await bed.ask('findings/nothing/acknowledge/', given)).status).toBe(404);
    const empty = await bed.ask(`findings/${finding?.id}/acknowledge/`, { ...given, body: { note: ' ' } });
    expect(empty.status).toBe(400);
  });

  it('sum up the month, the week and the day, with the names of the busiest and the most looked at', async () => {
    const { body, text } = await bed.ask('statistics/', { as: 'north' });
    expect(flawOf(body, STATISTICS)).toBeUndefined();
    expect(text).not.toContain(ONLY_SOUTH);
    expect(body).toMatchObject({
      failed_logins_week: FAILURES + 1,
      top_users: expect.arrayContaining([
        { actor: expect.objectContaining({ id: 'd1', name: 'Dana of Matterhorn' }), count: 4 },
      ]),
      top_patients: [{ subject_id: '42', label: 'Zoë of Matterhorn', count: 3 }],
      top_patients_is_exact: true,
      suspicious_activity: [{ type: 'failed_logins', severity: 'high' }],
    });
    const { total_logs: total, logs_today: today, logs_this_month: month } = body;
    expect([today, month]).toEqual([total, total]);
    const shares = body['by_action_type'] as { action: string; count: number; percent: number }[];
    expect(shares[0]).toMatchObject({ action: 'LOGIN_FAILED', count: FAILURES + 1 });
    expect(Math.round(shares.reduce((sum, { percent }) => sum + percent, 0))).toBe(100);
  });
});

describe('what was worked out a moment ago', () => {
  it('is told again to whoever asks the same, and worked out anew after its time', async () => {
    let asked = 0;
    const [work, brief] = [async () => (asked += 1), new Lately<number>(0)];
    const lately = new Lately<number>(60_000);
    expect(await Promise.all([lately.of('a', work), lately.of('a', work), lately.of('b', work)])).toEqual([
      1, 1, 2,
    ]);
    expect([await brief.of('a', work), await brief.of('a', work)]).toEqual([3, 4]);
  });

  it('is asked for again after it has failed', async () => {
    const lately = new Lately<string>(60_000);
    await expect(lately.of('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await lately.of('a', async () => 'back')).toBe('back');
  });
});
