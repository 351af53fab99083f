import { afterAll, afterEach, describe, expect, it } from 'vitest';

import { TrailRetention } from '../../src/retention/trail-retention.js';
import { removeTemporaryFolders } from '../test-trail.js';
import { type Bed, daysAgo, openMemoryBed, openSqliteBed } from './bed.js';

const beds: Bed[] = [];
afterEach(async () => {
  for (const bed of beds.splice(0)) await bed.close();
});
afterAll(removeTemporaryFolders);

describe.each([
  ['SQLite', openSqliteBed],
  ['memory', openMemoryBed],
] as const)('the rules of retention on %s', (_name, open) => {
  async function bedOf(): Promise<Bed> {
    const bed = await open();
    beds.push(bed);
    return bed;
  }

  it('are recorded with what and why, and by whom, before they are in force', async () => {
    const bed = await bedOf();
    const { audit, retention } = bed;
    const actor = { type: 'user', id: '3', username: 'owner' } as const;
    await audit.run({ actor }, async () => {
      const given = { id: 'invoices', match: { targetType: 'Invoice' }, days: 2_555, reason: 'tax law' };
      await retention.setPolicy(given);
      await retention.setPolicy(given);
      await retention.setPolicy({ ...given, days: 3_000 });
      await retention.removePolicy('invoices');
      const hold = await retention.placeHold({ match: { subjectId: '42' }, reason: 'claim 118' });
      await retention.releaseHold(hold, 'settled');
    });
    const { events } = await audit.find({
      action: ['POLICY_CHANGE', 'HOLD_PLACED', 'HOLD_RELEASED'],
      ordering: 'timestamp',
    });
    expect(events).toMatchObject([
      {
        action: 'POLICY_CHANGE',
        actor,
        target: { type: 'RetentionPolicy', id: 'invoices' },
        reason: 'tax law',
        before: null,
        after: { target_type: 'Invoice', days: 2_555 },
      },
      { action: 'POLICY_CHANGE', actor, changes: { days: { old: 2_555, new: 3_000 } } },
      { action: 'POLICY_CHANGE', actor, before: { target_type: 'Invoice', days: 3_000 }, after: null },
      {
        action: 'HOLD_PLACED',
        actor,
        subjectId: '42',
        reason: 'claim 118',
        metadata: { match: { subject_id: '42' } },
      },
      { action: 'HOLD_RELEASED', actor, subjectId: '42', reason: 'settled' },
    ]);
    expect(events).toHaveLength(5);
    expect([await retention.policies(), await retention.holds()]).toEqual([[], []]);
  });

  it('are what the trail says, to whoever opens it, each as it was last told', async () => {
    const bed = await bedOf();
    const { retention } = bed;
    const policy = { id: 'reads', match: { tenantId: '', action: 'READ' }, reason: `it's the "law"; é😀` };
    await retention.setPolicy({ id: 'other', match: { targetType: 'X-Ray "left"' }, days: 400 });
    await retention.setPolicy({ ...policy, days: 700 });
    await retention.setPolicy({ ...policy, match: { tenantId: 'north' }, days: 300 });
    const match = {
      tenantId: 'north',
      actorId: 'u1',
      action: 'DELETE',
      targetType: 'Patient',
      targetId: '7',
    };
    await retention.placeHold({ id: 'court', match, reason: 'claim 118' });
    await retention.placeHold({ id: 'court', match, reason: 'claim 118' });
    const other = { id: 'court', match: { subjectId: '42' }, reason: 'claim 118' };
    await expect(retention.placeHold(other)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    const next = bed.another();
    expect(await next.policies()).toEqual([
      { id: 'other', match: { targetType: 'X-Ray "left"' }, days: 400, reason: null },
      { ...policy, match: { tenantId: 'north' }, days: 300 },
    ]);
    expect(await next.holds()).toEqual([
      { id: 'court', match, reason: 'claim 118', placedAt: expect.stringMatching(/Z$/) },
    ]);
    await next.releaseHold('court');
    expect(await retention.holds()).toEqual([]);
    await retention.placeHold(other);
    expect(await next.holds()).toMatchObject([other]);
  });

  it('are refused where something they match by is masked in the event that tells of them', async () => {
    const { retention } = await bedOf();
    const match = { targetType: 'Patient', targetId: '4111 1111 1111 1111' };
    await expect(retention.placeHold({ match, reason: 'claim' })).rejects.toThrow(/masked as a secret/);
  });

  it.each(['POLICY_CHANGE', 'HOLD_PLACED'] as const)(
    'let nothing go while a %s cannot be read, since it may be what keeps something',
    async (action) => {
      const bed = await bedOf();
      const [id] = await bed.add([{ at: daysAgo(3_000) }]);
      const type = action === 'HOLD_PLACED' ? 'LegalHold' : 'RetentionPolicy';
      const metadata = { match: 7, policy: { days: 'many' } };
      await bed.audit.record({ action, target: { type, id: 'odd' }, metadata });
      await expect(bed.retention.purge()).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
      expect(await bed.ids()).toContain(id);
    },
  );

  it('stay as they are when the event that tells of a change does not reach the store', async () => {
    const bed = await bedOf();
    const deaf = new TrailRetention({ ...bed.parts, record: async () => undefined });
    const unavailable = { code: 'TRAIL_UNAVAILABLE' };
    await expect(deaf.setPolicy({ match: {}, days: 90 })).rejects.toMatchObject(unavailable);
    await expect(deaf.placeHold({ match: {}, reason: 'claim' })).rejects.toMatchObject(unavailable);
    const hold = await bed.retention.placeHold({ match: { tenantId: 'north' }, reason: 'claim' });
    await expect(deaf.releaseHold(hold)).rejects.toMatchObject(unavailable);
    expect(await bed.retention.policies()).toEqual([]);
    expect(await bed.retention.holds()).toMatchObject([
      { id: hold, match: { tenantId: 'north' }, reason: 'claim' },
    ]);
  });

  it.each([
    ['no days', { match: {}, days: 0 }],
    ['half a day', { match: {}, days: 0.5 }],
    ['more days than there are', { match: {}, days: 1e9 }],
    ['days in words', { match: {}, days: 'ninety' as unknown as number }],
    ['a person', { match: JSON.parse('{"subjectId":"42"}') as object, days: 90 }],
  ])('take no policy of %s', async (_what, policy) => {
    const { retention } = await bedOf();
    await expect(retention.setPolicy(policy)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(await retention.policies()).toEqual([]);
  });

  it('take no hold without a reason, and let go of none that is not there', async () => {
    const { retention } = await bedOf();
    const invalid = { code: 'INVALID_OPTIONS' };
    await expect(retention.placeHold({ match: {}, reason: ' ' })).rejects.toMatchObject(invalid);
    await expect(retention.releaseHold('none')).rejects.toMatchObject(invalid);
    await expect(retention.removePolicy('none')).rejects.toMatchObject(invalid);
  });
});
