import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';

import {
  openTestTrail,
  removeTemporaryFolders,
  type TestTrail,
  type TestTrailOptions,
} from '../../../test/test-trail.js';
import type { AuditEvent } from '../../event/event.js';
import type { EventFields } from '../../event/input.js';
import { createSqliteOutbox, fromSqlite } from '../../sqlite.js';
import type { Fact } from '../context.js';
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
  const trail = openTestTrail({ deadlineMs: 200, ...options });
  open.push(trail);
  return trail;
}

function clockStands(): void {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'],
    now: Date.parse('2026-05-04T10:00:00Z'),
  });
}

const attempt = (ip: string | undefined, fields: EventFields = {}, metadata: object = {}) =>
  ({
    action: 'LOGIN_FAILED',
    request: ip === undefined ? undefined : { ip, ipSource: 'socket' },
    ...fields,
    metadata: { why: 'wrong_password', ...metadata },
  }) as const;

async function attempts(trail: TestTrail, times: number, ip?: string, fields?: EventFields): Promise<void> {
  for (let n = 0; n < times; n += 1) await trail.audit.record(attempt(ip, fields));
}

const isFolded = ({ metadata }: AuditEvent): boolean => metadata?.['folded'] === true;
const sumOf = (events: readonly AuditEvent[]): number => events.reduce((sum, { count }) => sum + count, 0);

describe('failed sign-ins of one address', () => {
  it('are told one by one, 20 in a minute; the next says that more are counted from here on', async () => {
    const trail = openTrail();
    const ids: (string | undefined)[] = [];
    for (let n = 0; n < 25; n += 1) ids.push(await trail.audit.record(attempt('192.0.2.1')));
    const events = await trail.stored('LOGIN_FAILED');
    expect(events.map(({ id }) => id)).toEqual(ids.slice(0, 21));
    expect(ids.slice(21)).toEqual([undefined, undefined, undefined, undefined]);
    expect(events.map(({ metadata }) => metadata?.['folding'] ?? false)).toEqual([
      ...Array<boolean>(20).fill(false),
      true,
    ]);
    expect(trail.audit.stats()).toMatchObject({ folded: 4 });
  });

  it('become one event with their count after ten seconds, which says what they have in common', async () => {
    clockStands();
    const trail = openTrail();
    const target = { type: 'User', id: '7', label: 'Anna Example' };
    await attempts(trail, 21, '192.0.2.1', { target, tenantId: 'north' });
    for (let n = 0; n < 30; n += 1) {
      vi.advanceTimersByTime(100);
      const name = n % 3 === 0 ? { username: 'anna' } : { username_digest: 'hmac-sha256:abc' };
      await trail.audit.record(attempt('192.0.2.1', { target, tenantId: 'north' }, name));
    }
    vi.advanceTimersByTime(7_100);
    await expect.poll(async () => (await trail.stored('LOGIN_FAILED')).length).toBe(22);
    const folded = (await trail.stored('LOGIN_FAILED')).at(-1);
    expect(folded).toMatchObject({
      outcome: 'failure',
      source: 'auth',
      actor: { type: 'anonymous', id: null },
      target,
      tenantId: 'north',
      request: { ip: '192.0.2.1', ipSource: 'socket', method: null },
      count: 30,
      timestamp: '2026-05-04T10:00:10.100Z',
    });
    expect(folded?.metadata).toEqual({
      folded: true,
      first: '2026-05-04T10:00:00.100Z',
      last: '2026-05-04T10:00:03.000Z',
      reasons: [{ why: 'wrong_password', count: 30 }],
      usernames: [{ username: 'anna', count: 10 }],
      username_digests: [{ username_digest: 'hmac-sha256:abc', count: 20 }],
    });
  });

  it('are told one by one again in the next minute', async () => {
    clockStands();
    const trail = openTrail();
    await attempts(trail, 30, '192.0.2.1');
    vi.advanceTimersByTime(60_000);
    await attempts(trail, 20, '192.0.2.1');
    await trail.audit.flush();
    const events = await trail.stored('LOGIN_FAILED');
    expect(events.map(({ count }) => count).toSorted((a, b) => a - b)).toEqual([
      ...Array<number>(41).fill(1),
      9,
    ]);
  });

  it('say nothing that is not the same for all of them', async () => {
    const trail = openTrail();
    await attempts(trail, 21, '192.0.2.1');
    for (let n = 0; n < 30; n += 1)
      await trail.audit.record(
        attempt(
          '192.0.2.1',
          { target: { type: 'User', id: `${n}` }, subjectId: `p${n}` },
          { why: `why ${n}` },
        ),
      );
    await trail.audit.flush();
    const folded = (await trail.stored('LOGIN_FAILED')).find(isFolded);
    expect(folded).toMatchObject({ target: null, subjectId: null, count: 30 });
    expect(folded?.subjects).toHaveLength(30);
    const reasons = folded?.metadata?.['reasons'] as { why?: string; others?: number }[];
    expect(reasons).toHaveLength(21);
    expect(reasons.at(-1)).toEqual({ others: 10 });
  });

  it('are kept apart by tenant in what is told of them, and not in how many they may be', async () => {
    const trail = openTrail();
    for (const tenantId of ['north', 'south']) await attempts(trail, 25, '192.0.2.1', { tenantId });
    await trail.audit.flush();
    const folded = (await trail.stored('LOGIN_FAILED')).filter(isFolded);
    expect(folded.map(({ tenantId, count }) => [tenantId, count])).toEqual([
      ['north', 4],
      ['south', 25],
    ]);
  });

  it('P30: are a flood whatever tenants they name, and tell no tenant of another past twenty', async () => {
    const trail = openTrail();
    for (let n = 0; n < 300; n += 1)
      await trail.audit.record(attempt('192.0.2.1', { tenantId: `t${n}` }, { username: `u${n}` }));
    await trail.audit.flush();
    const events = await trail.stored('LOGIN_FAILED');
    expect(events).toHaveLength(42);
    expect(sumOf(events)).toBe(300);
    const together = events.find(({ count }) => count > 1);
    expect(together).toMatchObject({ tenantId: null, count: 259, request: { ip: '192.0.2.1' } });
    expect(together?.metadata).not.toHaveProperty('usernames');
  });

  it('P30: are those of its whole /64, where it is an IPv6 address', async () => {
    const trail = openTrail();
    for (let n = 0; n < 100; n += 1) await attempts(trail, 1, `2001:db8:0:1::${n.toString(16)}`);
    await attempts(trail, 20, '2001:db8:0:2::1');
    await trail.audit.flush();
    const events = await trail.stored('LOGIN_FAILED');
    expect(events).toHaveLength(42);
    const folded = events.find(isFolded);
    expect(folded).toMatchObject({ count: 79, request: null });
    expect(folded?.metadata?.['addresses']).toHaveLength(21);
  });

  it('P30: name the account that most of them are for, behind any number of decoys', async () => {
    const trail = openTrail();
    const name = (username: string): Promise<unknown> =>
      trail.audit.record(attempt('192.0.2.1', {}, { username }));
    for (let n = 0; n < 50; n += 1) await name(`decoy${n}`);
    for (let n = 0; n < 500; n += 1) await name('chief');
    await trail.audit.flush();
    const folded = (await trail.stored('LOGIN_FAILED')).find(isFolded);
    expect(folded?.metadata?.['usernames']).toContainEqual({ username: 'chief', count: 500 });
  });

  it('take the address, the tenant and nobody from the context', async () => {
    const trail = openTrail();
    const request = { ip: '192.0.2.9', path: '/login' };
    await trail.audit.run({ request, tenantId: 'north' }, async () => {
      for (let n = 0; n < 25; n += 1) await trail.audit.record({ action: 'LOGIN_FAILED' });
    });
    await trail.audit.flush();
    expect((await trail.stored('LOGIN_FAILED')).find(isFolded)).toMatchObject({
      count: 4,
      actor: { type: 'anonymous' },
      tenantId: 'north',
      request: { ip: '192.0.2.9', path: null },
    });
  });

  it('of an unknown address are few only together', async () => {
    const trail = openTrail();
    await attempts(trail, 230);
    await trail.audit.flush();
    const events = await trail.stored('LOGIN_FAILED');
    expect(events).toHaveLength(202);
    expect(events.find(isFolded)).toMatchObject({ count: 29, request: null });
  });

  it('that a caller counted himself are counted as he says', async () => {
    const trail = openTrail();
    for (let n = 0; n < 6; n += 1) await trail.audit.record({ ...attempt('192.0.2.1'), count: 10 });
    await trail.audit.flush();
    const events = await trail.stored('LOGIN_FAILED');
    expect(events.map(({ count }) => count)).toEqual([10, 10, 10, 30]);
    expect(events[2]?.metadata).toMatchObject({ folding: true });
  });

  it('are never counted when they are recorded with a connection', async () => {
    const db = new Database(':memory:');
    const outbox = createSqliteOutbox(db);
    await outbox.migrate();
    const trail = openTrail({ outbox });
    for (let n = 0; n < 30; n += 1)
      expect(trail.audit.recordSync(attempt('192.0.2.1'), fromSqlite(db))).toBeTypeOf('string');
    await trail.audit.flush();
    expect(await trail.stored('LOGIN_FAILED')).toHaveLength(30);
  });

  it('throw nothing into a request, whatever is in them', async () => {
    const trail = openTrail();
    const throwing = new Proxy({}, { get: () => fail(), ownKeys: () => fail(), has: () => fail() });
    const hostile = [
      throwing,
      7,
      null,
      { why: Symbol('why') },
      {
        get why() {
          return fail();
        },
      },
      { why: 'x'.repeat(1e6) },
    ];
    for (let n = 0; n < 60; n += 1)
      await trail.audit.record({
        action: 'LOGIN_FAILED',
        request: { ip: '192.0.2.1' },
        subjectId: Symbol('p') as unknown as string,
        target: { type: 'User', id: throwing as string },
        actor: { type: 'anonymous', id: Symbol('a') as unknown as string },
        metadata: hostile[n % hostile.length] as Record<string, unknown>,
      });
    await trail.audit.flush();
    expect(sumOf(await trail.stored('LOGIN_FAILED'))).toBe(60);
    expect(trail.errors).toEqual([]);
  });

  it('count as recorded for whoever watches the request they are made in', async () => {
    const { audit } = openTrail();
    const facts: Fact[] = [];
    const watching = watchingOf(audit);
    const scope = watching.open(
      { request: { ip: '192.0.2.1' } },
      { saw: (fact) => facts.push(fact), takes: () => false },
    );
    for (let n = 0; n < 30; n += 1)
      await watching.within(scope, () => watching.record({ action: 'LOGIN_FAILED' }));
    expect(facts.map(({ action, outcome, source }) => `${action} ${outcome} ${source}`)).toEqual(
      Array<string>(30).fill('LOGIN_FAILED failure auth'),
    );
  });
});

describe('denials', () => {
  const denial = { action: 'ACCESS_DENIED', metadata: { attempted: 'READ' } } as const;

  it('of people who have not signed in are counted like failed sign-ins, beside them', async () => {
    const trail = openTrail();
    const target = { type: 'Patient', id: '42' };
    await trail.audit.run({ request: { ip: '192.0.2.1' } }, async () => {
      await attempts(trail, 20);
      for (let n = 0; n < 30; n += 1)
        await trail.audit.record({ ...denial, target, subjectId: '42', subjectLabel: 'Zoë' });
    });
    await trail.audit.flush();
    expect(await trail.stored('LOGIN_FAILED')).toHaveLength(20);
    const denials = await trail.stored('ACCESS_DENIED');
    expect(denials).toHaveLength(22);
    expect(denials.at(-1)).toMatchObject({
      outcome: 'denied',
      source: 'manual',
      count: 9,
      target,
      subjectId: '42',
      subjectLabel: 'Zoë',
      metadata: { attempts: [{ attempted: 'READ', count: 9 }] },
    });
  });

  it('of people who have signed in are told one by one', async () => {
    const trail = openTrail();
    const actor = { type: 'user', id: 'u1' } as const;
    await trail.audit.run({ actor, request: { ip: '192.0.2.1' } }, async () => {
      for (let n = 0; n < 40; n += 1) await trail.audit.record(denial);
    });
    await trail.audit.flush();
    expect((await trail.stored('ACCESS_DENIED')).map(({ count }) => count)).toEqual(
      Array<number>(40).fill(1),
    );
  });

  it('leave nothing else uncounted or folded: reads and changes beyond any number stand alone', async () => {
    const trail = openTrail();
    await trail.audit.run({ request: { ip: '192.0.2.1' } }, async () => {
      for (let n = 0; n < 50; n += 1)
        await trail.audit.record({ action: 'READ', target: { type: 'Patient', id: '1' } });
    });
    await trail.audit.flush();
    expect(await trail.stored('READ')).toHaveLength(50);
  });
});

describe('floods from many addresses', () => {
  it('are counted together past ten thousand of them, and name a few', async () => {
    const trail = openTrail({ spool: false });
    const calls: Promise<unknown>[] = [];
    for (let n = 0; n < 11_000; n += 1)
      calls.push(trail.audit.record(attempt(`10.0.${n >> 8}.${n & 255}`, { tenantId: 'north' })));
    await Promise.all(calls);
    await trail.audit.flush();
    const events = await trail.stored('LOGIN_FAILED');
    expect(events).toHaveLength(10_022);
    expect(sumOf(events)).toBe(11_000);
    const folded = events.find(isFolded);
    expect(folded).toMatchObject({ tenantId: 'north', request: null, count: 979 });
    expect(folded?.metadata?.['addresses']).toHaveLength(21);
  });

  it('P47: tell no tenant of another, when there are too many of them to be told apart', async () => {
    const trail = openTrail({ spool: false });
    const calls: Promise<unknown>[] = [];
    for (let n = 0; n < 12_000; n += 1)
      calls.push(
        trail.audit.record(
          attempt(
            `10.0.${n >> 8}.${n & 255}`,
            { tenantId: `t${n}`, subjectId: `p${n}` },
            { username: `u${n}` },
          ),
        ),
      );
    await Promise.all(calls);
    await trail.audit.flush();
    const folded = (await trail.stored('LOGIN_FAILED')).filter(isFolded);
    const shared = folded.filter(({ count }) => count > 1);
    expect(folded).toHaveLength(1_001);
    expect(shared.map(({ tenantId, count }) => [tenantId, count])).toEqual([[null, 979]]);
    expect(Object.keys(shared[0]?.metadata ?? {}).toSorted()).toEqual(['first', 'folded', 'last', 'reasons']);
    expect(shared[0]).toMatchObject({ target: null, subjects: [], request: null });
  });
});

describe('the account of what was counted', () => {
  it('is exact, whoever tries whatever in whatever order', async () => {
    const step = fc.record({
      ip: fc.constantFrom('192.0.2.1', '192.0.2.2', '2001:db8::1', undefined),
      tenantId: fc.constantFrom('north', 'south', undefined),
      action: fc.constantFrom('LOGIN_FAILED' as const, 'ACCESS_DENIED' as const),
      times: fc.integer({ min: 1, max: 90 }),
      pauseMs: fc.constantFrom(0, 1, 9_999, 30_000, 61_000),
      flush: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        clockStands();
        const trail = openTestTrail({ spool: false });
        let made = 0;
        for (const { ip, tenantId, action, times, pauseMs, flush } of steps) {
          for (let n = 0; n < times; n += 1)
            await trail.audit.record({
              action,
              request: { ip },
              tenantId,
              actor: { type: 'anonymous' },
            });
          made += times;
          vi.advanceTimersByTime(pauseMs);
          if (flush) await trail.audit.flush();
        }
        await trail.audit.close();
        const events = (await trail.stored()).filter(({ action }) => !action.startsWith('AUDIT_'));
        expect(sumOf(events)).toBe(made);
        expect(trail.audit.stats().folded).toBe(sumOf(events.filter(isFolded)));
        vi.useRealTimers();
      }),
      { numRuns: 40 },
    );
  });

  it('is told at the end of the trail', async () => {
    const trail = openTrail();
    await attempts(trail, 50, '192.0.2.1');
    await trail.audit.close();
    const events = await trail.stored();
    expect(sumOf(events.filter(({ action }) => action === 'LOGIN_FAILED'))).toBe(50);
    expect(events.at(-1)?.action).toBe('AUDIT_STOP');
  });
});

describe('P15: a flood while the trail is down', () => {
  it('P15: is spooled by its count, like everything else', async () => {
    const trail = openTrail();
    await trail.audit.flush();
    trail.store.failAlways('not-persisted');
    await attempts(trail, 100, '192.0.2.1');
    await trail.audit.close();
    expect(await trail.stored('LOGIN_FAILED')).toEqual([]);
    const again = trail.reopen({});
    open.push(again);
    await expect.poll(async () => sumOf(await trail.stored('LOGIN_FAILED'))).toBe(100);
  });

  it('P15: is refused attempt by attempt where signing in fails closed, and none of it is silent', async () => {
    const trail = openTrail({ failClosed: ['LOGIN_FAILED'] });
    await attempts(trail, 30, '192.0.2.1');
    trail.store.failAlways('not-persisted');
    // Nobody has noticed yet. What is counted until then waits in the spool.
    await attempts(trail, 5, '192.0.2.1');
    await trail.audit.flush();
    for (let n = 0; n < 3; n += 1)
      await expect(trail.audit.record(attempt('192.0.2.1'))).rejects.toMatchObject({
        code: 'TRAIL_UNAVAILABLE',
      });
    trail.store.recover();
    await trail.audit.flush();
    expect(sumOf(await trail.stored('LOGIN_FAILED'))).toBe(35);
    expect(trail.audit.stats()).toMatchObject({ refused: 3, folded: 14, dropped: 0 });
  });

  it('P15: is refused attempt by attempt where there is no disk either', async () => {
    const trail = openTrail({ spool: false });
    await attempts(trail, 30, '192.0.2.1');
    trail.store.failAlways('not-persisted');
    await trail.audit.flush();
    await expect(trail.audit.record(attempt('192.0.2.1'))).rejects.toMatchObject({
      code: 'TRAIL_UNAVAILABLE',
    });
    trail.store.recover();
    await trail.audit.flush();
    expect(sumOf(await trail.stored('LOGIN_FAILED'))).toBe(30);
  });

  it.each(['not-persisted', 'persisted'] as const)(
    'P15: is told once, when the store says that it could not take it: %s',
    async (mode) => {
      const trail = openTrail();
      await attempts(trail, 60, '192.0.2.1');
      trail.store.failNext(mode);
      await trail.audit.flush();
      await trail.audit.flush();
      expect(sumOf(await trail.stored('LOGIN_FAILED'))).toBe(60);
    },
  );
});

function fail(): never {
  throw new Error('hostile');
}
