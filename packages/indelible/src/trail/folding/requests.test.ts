import { METHODS } from 'node:http';

import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';

import {
  openTestTrail,
  removeTemporaryFolders,
  type TestTrail,
  type TestTrailOptions,
} from '../../../test/test-trail.js';
import type { LooseInput } from '../../event/input.js';
import { watchingOf } from '../door.js';

const open: TestTrail[] = [];

afterEach(async () => {
  vi.useRealTimers();
  for (const { audit, store } of open.splice(0)) {
    store.recover();
    await audit.close();
  }
});
afterAll(removeTemporaryFolders);

function openTrail(options: TestTrailOptions = {}): TestTrail {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'],
    now: Date.parse('2026-05-04T10:00:00Z'),
  });
  const trail = openTestTrail({ deadlineMs: 200, ...options });
  open.push(trail);
  return trail;
}

const USER = { type: 'user', id: 'u1', name: 'Anna Example' } as const;

/** So many requests of one caller, each in a context of its own. */
async function requests(
  { audit }: TestTrail,
  times: number,
  caller = 'user u1',
  fields: (n: number) => Partial<LooseInput> = () => ({}),
): Promise<void> {
  const watching = watchingOf(audit);
  for (let n = 0; n < times; n += 1) {
    const route = 'request' in fields(n) ? undefined : '/api/things/:id';
    const request = { ip: '192.0.2.1', method: 'GET', path: `/api/things/${n}`, route };
    await audit.run({ actor: USER, request }, () =>
      watching.recordWithin(100, caller, {
        action: 'API_REQUEST',
        outcome: 'success',
        source: 'request',
        request: { statusCode: 200 },
        ...fields(n),
      }),
    );
  }
}

describe('requests of one caller', () => {
  it('beyond his limit become one event at the end of the minute, with routes and statuses', async () => {
    const trail = openTrail();
    await requests(trail, 130, undefined, (n) => ({
      outcome: n % 10 === 0 ? 'failure' : 'success',
      request: { statusCode: n % 10 === 0 ? 422 : 200, route: '/api/things/:id' },
    }));
    vi.advanceTimersByTime(59_999);
    expect(trail.audit.stats()).toMatchObject({ folded: 30, recorded: 101 });
    vi.advanceTimersByTime(1);
    await expect.poll(() => trail.audit.stats().recorded).toBe(102);
    await trail.audit.flush();
    const events = await trail.stored('API_REQUEST');
    expect(events).toHaveLength(101);
    expect(events.at(-1)).toMatchObject({
      outcome: 'failure',
      source: 'request',
      actor: USER,
      request: { ip: '192.0.2.1', method: null, path: null, statusCode: null },
      count: 30,
      metadata: {
        folded: true,
        first: '2026-05-04T10:00:00.000Z',
        last: '2026-05-04T10:00:00.000Z',
        routes: [{ route: 'GET /api/things/:id', count: 30 }],
        statuses: [
          { status: '422', count: 3 },
          { status: '200', count: 27 },
        ],
      },
    });
    expect(events.at(-1)?.metadata).not.toHaveProperty('callers');
  });

  it('P30: tell what did more than read, behind any number of reads and of junk', async () => {
    const trail = openTrail();
    await requests(trail, 100);
    const methods = METHODS.filter((method) => !['GET', 'HEAD', 'OPTIONS'].includes(method));
    await requests(trail, 1, undefined, () => ({ request: { method: 'DELETE', route: '/api/backups/:id' } }));
    await requests(trail, 40, undefined, (n) => ({ request: { route: `/api/list${n}` } }));
    await requests(trail, 40, undefined, (n) => ({ request: { path: `/junk${n}`, route: undefined } }));
    for (const method of methods)
      await requests(trail, 5, undefined, (n) => ({ request: { method, path: `/j${n}`, route: undefined } }));
    await trail.audit.flush();
    const folded = (await trail.stored('API_REQUEST')).at(-1);
    const changing = folded?.metadata?.['changing_routes'] as { route: string; count: number }[];
    expect(folded?.count).toBe(81 + 5 * methods.length);
    expect(folded?.metadata?.['routes']).toContainEqual({ route: 'GET (no route)', count: 40 });
    expect(Object.fromEntries(changing.map(({ route, count }) => [route, count]))).toEqual({
      'DELETE /api/backups/:id': 1,
      'DELETE (no route)': 5,
      'PATCH (no route)': 5,
      'POST (no route)': 5,
      'PUT (no route)': 5,
      'OTHER (no route)': 5 * (methods.length - 4),
    });
  });

  it('begin anew with the next minute', async () => {
    const trail = openTrail();
    for (let minute = 0; minute < 3; minute += 1) {
      await requests(trail, 110);
      vi.advanceTimersByTime(60_000);
    }
    await trail.audit.flush();
    const counts = (await trail.stored('API_REQUEST')).map(({ count }) => count);
    expect(counts.filter((count) => count === 10)).toHaveLength(3);
    expect(counts).toHaveLength(303);
  });

  it('leave those of others alone', async () => {
    const trail = openTrail();
    for (const caller of ['user u1', 'user u2', 'at 192.0.2.1']) await requests(trail, 101, caller);
    await trail.audit.flush();
    const events = await trail.stored('API_REQUEST');
    expect(events).toHaveLength(303);
    expect(events.filter(({ metadata }) => metadata?.['folded'] === true)).toHaveLength(3);
  });

  it('are told when the trail ends', async () => {
    const trail = openTrail();
    await requests(trail, 150);
    await trail.audit.close();
    expect((await trail.stored('API_REQUEST')).reduce((sum, { count }) => sum + count, 0)).toBe(150);
  });

  it('are counted together past ten thousand callers', async () => {
    const trail = openTrail({ spool: false, bufferSize: 20_000 });
    const watching = watchingOf(trail.audit);
    for (let n = 0; n < 12_000; n += 1) {
      const actor = { type: 'user', id: `u${n}` } as const;
      void watching.recordWithin(2, `user ${n}`, { action: 'API_REQUEST', source: 'request', actor });
    }
    await trail.audit.flush();
    const events = await trail.stored('API_REQUEST');
    const folded = events.find(({ metadata }) => metadata?.['folded'] === true);
    expect(events.reduce((sum, { count }) => sum + count, 0)).toBe(12_000);
    expect(folded).toMatchObject({ count: 1_998, actor: { type: 'anonymous' } });
    expect(folded?.metadata?.['callers']).toHaveLength(21);
  });

  it('P15: are not counted where they fail closed and the store is away: each is refused', async () => {
    const trail = openTrail({ failClosed: ['API_REQUEST'] });
    await requests(trail, 105);
    trail.store.failAlways('not-persisted');
    await trail.audit.flush();
    const watching = watchingOf(trail.audit);
    const event = { action: 'API_REQUEST', source: 'request' } as const;
    await expect(watching.recordWithin(100, 'user u1', event)).rejects.toMatchObject({
      code: 'TRAIL_UNAVAILABLE',
    });
  });
});
