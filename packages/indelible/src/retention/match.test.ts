import { describe, expect, it } from 'vitest';

import {
  covers,
  excludes,
  HOLD_MEMBERS,
  joined,
  matchOf,
  POLICY_MEMBERS,
  readMatch,
  writtenMatch,
} from './match.js';

describe('a match', () => {
  it('is taken with its ids as the trail stores them', () => {
    const long = 'x'.repeat(300);
    expect(
      matchOf({ action: 'read', targetId: long, tenantId: '', actorId: undefined }, HOLD_MEMBERS),
    ).toEqual({
      action: 'READ',
      targetId: expect.stringMatching(/^x{40}~[0-9a-f]{64}$/),
      tenantId: '',
    });
  });

  it.each([
    ['a member of another name', { modle: 'Invoice' }],
    ['what a policy does not go by', { subjectId: '42' }],
    ['an empty text', { targetType: '' }],
    ['a number', { targetType: 7 }],
    ['an impossible action', { action: 'READ IT' }],
    ['null', null],
  ])('with %s is refused, since it would match more than was meant', (_what, given) => {
    expect(() => matchOf(given as object, POLICY_MEMBERS)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS' }),
    );
  });

  it('is compared with another by what it leaves open', () => {
    const [all, invoices, reads] = [{}, { targetType: 'Invoice' }, { action: 'READ' }];
    expect([
      covers(all, invoices),
      covers(invoices, all),
      covers(invoices, { ...invoices, ...reads }),
    ]).toEqual([true, false, true]);
    expect([excludes(invoices, reads), excludes(invoices, { targetType: 'Patient' })]).toEqual([false, true]);
    expect(joined(invoices, reads)).toEqual({ targetType: 'Invoice', action: 'READ' });
    expect(joined({ tenantId: 'north' }, { tenantId: undefined })).toEqual({ tenantId: 'north' });
    expect(joined({ tenantId: 'north' }, { tenantId: '' })).toBeUndefined();
  });

  it('is written down and read back', () => {
    const match = {
      tenantId: '',
      action: 'READ',
      targetType: 'Invoice',
      targetId: '1',
      actorId: '2',
      subjectId: '3',
    };
    expect(writtenMatch(match)).toEqual({
      tenant_id: '',
      action: 'READ',
      target_type: 'Invoice',
      target_id: '1',
      actor_id: '2',
      subject_id: '3',
    });
    expect(readMatch(writtenMatch(match))).toEqual(match);
    for (const other of [null, 'text', { subject: '3' }, { subject_id: 3 }])
      expect(readMatch(other)).toBeUndefined();
  });
});
