import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { modelNamed } from './model-name.js';

const nobody = (): boolean => false;

describe('the model that a segment means', () => {
  it.each([
    ['users', 'User'],
    ['dental-records', 'DentalRecord'],
    ['dental_records', 'DentalRecord'],
    ['dentalRecords', 'DentalRecord'],
    ['DentalRecords', 'DentalRecord'],
    ['dental.records', 'DentalRecord'],
    ['categories', 'Category'],
    ['addresses', 'Address'],
    ['statuses', 'Status'],
    ['invoices', 'Invoice'],
    ['boxes', 'Box'],
    ['staff', 'Staff'],
    ['settings', 'Setting'],
    ['news-items', 'NewsItem'],
    ['oauth2-clients', 'Oauth2Client'],
    ['2fa-tokens', '2faToken'],
    ['überweisungen', 'Überweisungen'],
  ])('of %s is by default %s', (segment, name) => {
    expect(modelNamed(segment, nobody)).toEqual({ name, isKnown: false });
  });

  it.each([
    ['settings', 'Settings'],
    ['settings', 'Setting'],
    ['dental-records', 'dental_records'],
    ['dental-records', 'dental_record'],
    ['dental-records', 'dentalRecords'],
    ['dentalRecords', 'dental_record'],
    ['users', 'users'],
    ['user', 'user'],
    ['dental-records', 'dental-records'],
  ])('of %s is %s where that one is known', (segment, name) => {
    expect(modelNamed(segment, (model) => model === name)).toEqual({ name, isKnown: true });
  });

  it('is the one that is named as it stands rather than its singular', () => {
    const known = new Set(['Setting', 'Settings']);
    expect(modelNamed('settings', (model) => known.has(model))?.name).toBe('Settings');
  });

  it.each([
    '',
    '12',
    '2026-08',
    '-',
    '%',
    '💣',
    '0198f1a2-7c1d-7b7a-9d3e-000000000042',
    '507f1f77bcf86cd799439011',
    'x'.repeat(101),
  ])('is none for %j', (segment) => {
    expect(modelNamed(segment, () => true)).toBeUndefined();
  });

  it('has a name, whatever the segment', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (segment) => {
        expect(modelNamed(segment, nobody)?.name).not.toBe('');
      }),
    );
  });
});
