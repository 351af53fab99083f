import { afterEach, describe, expect, it } from 'vitest';

import { type Act, entryOf, type OpenedStore, STORES, times } from '../../test/acts.js';
import type { EmptyCatalogue } from '../event/actions.js';
import { type Audit, type AuditOptions, createAudit, type CountingRule, type Finding } from '../index.js';

const NOW = '2026-03-14T12:00:00Z';
const IP = '203.0.113.9';
const FAILED: Act = { at: '2026-03-13T10:00:00Z', action: 'LOGIN_FAILED', outcome: 'failure', ip: IP };
const READ: Act = { at: '2026-03-13T22:00:00Z', action: 'READ', by: '7' };
const DELETE: Act = { at: '2026-03-13T10:00:00Z', action: 'DELETE', by: '7' };

describe.each(STORES)('what is found in %s', (_, openStore) => {
  let opened: OpenedStore | undefined;
  let audit: Audit | undefined;

  afterEach(async () => {
    await audit?.close();
    await opened?.close();
  });

  async function trailWith(
    acts: readonly Act[],
    options: Partial<AuditOptions<EmptyCatalogue>> = {},
  ): Promise<Audit> {
    opened = await openStore();
    await opened.store.append(acts.map(entryOf));
    audit = createAudit({ store: opened.store, spool: false, log: () => undefined, ...options });
    return audit;
  }

  async function found(
    acts: readonly Act[],
    options?: Partial<AuditOptions<EmptyCatalogue>>,
  ): Promise<string[]> {
    return (await (await trailWith(acts, options)).findings({ now: NOW })).map(line);
  }

  it('is nothing where nothing is suspicious', async () => {
    const acts = [
      ...times(4, FAILED),
      ...times(50, READ),
      ...times(10, DELETE),
      ...times(20, { ...DELETE, action: 'EXPORT' }),
    ];
    expect(await found(acts)).toEqual([]);
  });

  it('is an address from which five logins failed within 7 days, and seriously so from ten on', async () => {
    const others = { ...FAILED, ip: '198.51.100.1' };
    const acts = [
      ...times(5, FAILED),
      ...times(10, { ...others, at: '2026-03-08T10:00:00Z' }, 3_600_000 * 12),
    ];
    expect(await found([...acts, { ...FAILED, at: '2026-03-07T11:59:59Z' }])).toEqual([
      'high failed_logins 10 10 198.51.100.1',
      `medium failed_logins 5 5 ${IP}`,
    ]);
  });

  it('is a flood that was folded, by its count, and by the addresses that the fold names', async () => {
    const addresses = [
      { ip: '2001:db8:1:2::7', count: 3 },
      { ip: '2001:db8:1:2::8', count: 4 },
      { others: 90 },
    ];
    const metadata = { folded: true, addresses };
    const acts = [
      { ...FAILED, count: 4_000 },
      { ...FAILED, ip: undefined, count: 97, payload: { metadata } },
    ];
    expect(await found(acts)).toEqual([`high failed_logins 4000 1 ${IP}`, 'medium failed_logins 7 1 null']);
  });

  it('is more than 50 reads of all users together when the clinic is closed, by its own clock', async () => {
    const night = times(30, READ).concat(
      times(21, { ...READ, action: 'LIST', by: '8', at: '2026-03-10T07:59:00Z' }),
    );
    const acts = [...night, ...times(40, { ...READ, at: '2026-03-13T17:59:00Z' }, 1)];
    expect(await found(acts)).toEqual(['low after_hours_reads 51 51 null']);
    await audit?.close();
    await opened?.close();
    // It is 23:00 in Berlin, and 08:59 on Tuesday; the forty were at 18:59.
    expect(await found(acts, { timeZone: 'Europe/Berlin' })).toEqual(['low after_hours_reads 70 70 null']);
  });

  it('is counted whole where nights are full, folded searches by their count, and without what programs read', async () => {
    const acts = [
      ...times(600, READ, 2),
      ...times(300, { ...READ, action: 'LIST', at: '2026-03-11T02:00:00Z' }),
      ...times(4, { ...READ, action: 'SEARCH', at: '2026-03-10T20:00:00Z', count: 10 }),
      { ...READ, action: 'PRINT', at: '2026-03-08T06:00:00Z' },
      ...times(70, { ...READ, by: undefined, byType: 'system', at: '2026-03-12T02:00:00Z' }),
      ...times(90, { ...READ, at: '2026-03-11T12:00:00Z' }),
    ];
    const trail = await trailWith(acts);
    const [week, ...others] = await trail.findings({ now: NOW });
    const expected = { count: 941, first: '2026-03-08T06:00:00.000Z', last: '2026-03-13T22:00:01.198Z' };
    expect([week, others]).toMatchObject([expected, []]);
    expect(week?.events).toHaveLength(500);
    const [same, month] = await Promise.all([
      trail.findings({ now: NOW, tenantId: null }),
      trail.findings({ now: NOW, days: 30 }),
    ]);
    expect([same, month]).toMatchObject([[expected], [expected]]);
  });

  it('P47: is not counted for two tenants together where nights are full', async () => {
    const of = (tenantId: string): Act[] => [
      ...times(600, { ...READ, tenantId }, 2),
      ...times(100, { ...READ, tenantId, at: '2026-03-11T02:00:00Z' }),
    ];
    const findings = await (
      await trailWith([...of('acme'), ...of('beta')])
    ).findings({ now: NOW, tenantId: null });
    expect(findings.map(({ tenantId, count }) => `${tenantId} ${count}`).toSorted()).toEqual([
      'acme 700',
      'beta 700',
    ]);
    expect(new Set(findings.map(({ id }) => id)).size).toBe(2);
  });

  it('is a user who deletes more than ten records within an hour, wherever the hour lies', async () => {
    const acts = [
      ...times(11, { ...DELETE, at: '2026-03-11T23:55:00Z' }, 59 * 6_000),
      ...times(11, { ...DELETE, by: '8' }, 360_000),
      ...times(11, { ...DELETE, by: '9', outcome: 'failure' }),
      ...times(11, { ...DELETE, by: 'nightly', byType: 'system' }),
    ];
    expect(await found(acts)).toEqual(['high mass_deletion 11 11 7']);
  });

  it('is one for all that a user deletes on a day, and another on the next', async () => {
    const acts = ['2026-03-12T08:00:00Z', '2026-03-12T15:00:00Z', '2026-03-13T09:00:00Z'].flatMap((at) =>
      times(11, { ...DELETE, at }),
    );
    expect(await found(acts)).toEqual(['high mass_deletion 11 11 7', 'high mass_deletion 22 22 7']);
    const elsewhere = await audit?.findings({ now: NOW, timeZone: 'Pacific/Auckland' });
    expect(elsewhere).toEqual(await audit?.findings({ now: NOW }));
  });

  it('is a user who takes many records out of the house, by many files or by one', async () => {
    const list = { ...DELETE, action: 'EXPORT', by: '9', payload: { metadata: { count: 400 } } };
    const acts = [...times(21, { ...DELETE, action: 'DOWNLOAD' }), list];
    expect(await found(acts)).toEqual(['high mass_export 400 1 9', 'medium mass_export 21 21 7']);
  });

  it('is somebody who is denied again and again, signed in or not', async () => {
    const denied: Act = { ...DELETE, action: 'ACCESS_DENIED', outcome: 'denied', ip: IP };
    const acts = [
      ...times(5, denied),
      ...times(5, { ...denied, by: '8' }, 225_001),
      ...times(21, { ...denied, by: undefined }),
    ];
    expect(await found(acts)).toEqual([
      'high denied_attempts 21 21 203.0.113.9',
      'medium denied_attempts 5 5 7',
    ]);
  });

  it('is a login from a new address after failed ones, and none from a known one', async () => {
    const account = { type: 'User', id: '7' };
    const failed = (at: string): Act[] =>
      times(3, { ...FAILED, at, target: account }).concat(
        times(3, { ...FAILED, at, target: account, ip: '192.0.2.4' }),
      );
    const login: Act = { at: '', action: 'LOGIN_SUCCESS', by: '7', target: account, ip: IP };
    const acts = [
      { ...login, at: '2026-03-09T10:00:00Z', ip: '192.0.2.77' },
      ...failed('2026-03-12T10:00:00Z'),
      { ...login, at: '2026-03-12T10:30:00Z' },
      ...failed('2026-03-13T10:00:00Z'),
      { ...login, at: '2026-03-13T10:30:00Z' },
      { ...login, at: '2026-03-13T10:31:00Z', ip: '192.0.2.77' },
      ...failed('2026-03-13T14:00:00Z').map((act) => ({ ...act, target: { type: 'User', id: '8' } })),
      { ...login, at: '2026-03-13T15:00:03Z', by: '8', target: { type: 'User', id: '8' } },
    ];
    const options = { detectors: { failedLogins: false } } as const;
    expect(await found(acts, options)).toEqual(['medium login_after_failures 6 7 7']);
  });

  it('P47: is never counted together for two tenants, nor shown to another, unless all are asked for', async () => {
    const of = (tenantId: string | undefined, count: number): Act[] => times(count, { ...FAILED, tenantId });
    const trail = await trailWith([
      ...of('acme', 5),
      ...of('beta', 4),
      ...of(undefined, 4),
      ...of('gamma', 12),
    ]);
    const linesOf = async (tenantId?: string | null): Promise<string[]> =>
      (await trail.findings({ now: NOW, tenantId })).map((one) => `${one.tenantId} ${line(one)}`);
    expect(await linesOf()).toEqual([]);
    expect(await linesOf('beta')).toEqual([]);
    expect(await linesOf('acme')).toEqual([`acme medium failed_logins 5 5 ${IP}`]);
    expect(await trail.run({ tenantId: 'acme' }, () => linesOf())).toHaveLength(1);
    expect(await linesOf(null)).toEqual([
      `gamma high failed_logins 12 12 ${IP}`,
      `acme medium failed_logins 5 5 ${IP}`,
    ]);
    const [[one], [same]] = await Promise.all([
      trail.findings({ now: NOW, tenantId: 'acme' }),
      trail.findings({ now: NOW, tenantId: null, days: 30 }).then((all) => all.slice(1)),
    ]);
    expect(one?.id).toBe(same?.id);
  });

  it('has the same id while it stays the same, and another in another week', async () => {
    const trail = await trailWith([
      ...times(5, FAILED),
      ...times(5, { ...FAILED, at: '2026-02-20T10:00:00Z' }),
    ]);
    const ids = async (now: string, days?: number): Promise<string[]> =>
      (await trail.findings({ now, days })).map(({ id }) => id);
    const [id] = await ids(NOW);
    expect(id).toMatch(/^failed_logins\.2026-03-09\.[\w-]{16}$/);
    expect(await ids('2026-03-19T12:00:00Z', 10)).toEqual([id]);
    expect(await ids(NOW, 30)).toEqual([id, expect.stringMatching(/^failed_logins\.2026-02-16\./)]);
  });

  it('is as the application wants it: with other thresholds, without a detector, with one of its own', async () => {
    const refunds: CountingRule = {
      type: 'many_refunds',
      actions: ['REFUND'],
      withinMs: 3_600_000,
      from: { low: 2 },
      of: ({ actor }) => (actor.id === null ? undefined : { key: actor.id, actorId: actor.id }),
      describe: ({ key, count }) => `${count} refunds by ${key}`,
    };
    const seen: string[] = [];
    const own = [
      refunds,
      {
        type: 'every_print',
        actions: ['PRINT'],
        watch: () => ({ see: ({ id }: { id: string }) => void seen.push(id), found: () => [] }),
      },
    ];
    const acts = [
      ...times(3, FAILED),
      ...times(12, DELETE),
      ...times(2, { ...DELETE, action: 'REFUND' }),
      { ...DELETE, action: 'PRINT' },
    ];
    const detectors = { failedLogins: { medium: 3 }, massDeletion: false, own } as const;
    expect(await found(acts, { detectors })).toEqual([
      `medium failed_logins 3 3 ${IP}`,
      'low many_refunds 2 2 7',
    ]);
    expect(seen).toHaveLength(1);
  });
});

function line({ severity, type, count, events, ip, actorId }: Finding): string {
  return `${severity} ${type} ${count} ${events.length} ${actorId ?? ip}`;
}
