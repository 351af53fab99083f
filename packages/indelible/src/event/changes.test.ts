import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { canonicalize } from '../integrity/canonical.js';
import { type ChangeRules, ChangeTaker } from './changes.js';
import type { Json } from './event.js';
import type { Flag } from './flag.js';
import type { Images } from './images.js';
import { Redactor } from './redaction.js';
import { readTagged } from './tagged.js';

const MEBIBYTE = 1024 * 1024;

interface Taken {
  readonly images: Images | undefined;
  readonly flags: readonly Flag[];
}

function take(
  before: unknown,
  after: unknown,
  rules: ChangeRules = {},
  limitBytes: number = MEBIBYTE,
): Taken {
  const flags = new Set<Flag>();
  const images = new ChangeTaker(new Redactor(), limitBytes).take(before, after, rules, flags);
  return { images, flags: [...flags].sort() };
}

function update(before: unknown, after: unknown, rules?: ChangeRules): Images | undefined {
  return take(before, after, rules).images;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

describe('ChangeTaker', () => {
  it('keeps all of a new record, nulls included', () => {
    const after = { id: 1, name: 'Jane', notes: null, created_at: '2026-03-14', updated_at: '2026-03-14' };
    expect(take(undefined, after)).toEqual({ images: { before: undefined, after }, flags: [] });
  });

  it('keeps all of a deleted record', () => {
    const before = { id: 1, name: 'Jane', last_login: null };
    expect(take(before, undefined)).toEqual({ images: { before, after: undefined }, flags: [] });
    expect(take(before, null).images).toEqual({ before, after: undefined });
  });

  it('keeps a record without fields', () => {
    expect(take(undefined, {}).images).toEqual({ before: undefined, after: {} });
  });

  it('keeps of an update old and new of what differs', () => {
    const before = { id: 91, status: 'confirmed', notes: null, price: '120.00' };
    const after = { id: 91, status: 'cancelled', notes: 'called in', price: '120.00' };
    expect(update(before, after)).toEqual({
      before: { status: 'confirmed', notes: null },
      after: { status: 'cancelled', notes: 'called in' },
    });
  });

  it('shows a field that was not there before, and null for one that was set to nothing', () => {
    expect(update({ a: 1, b: 2 }, { a: 1, b: null, c: 3 })).toEqual({
      before: { b: 2 },
      after: { b: null, c: 3 },
    });
  });

  it('P4: shows no field that a partial update left away or left undefined', () => {
    const before = { id: 1, name: 'Jane', phone: '1', email: 'j@a.example' };
    expect(update(before, { phone: '2' })).toEqual({ before: { phone: '1' }, after: { phone: '2' } });
    expect(update(before, { phone: '2', name: undefined })).toEqual({
      before: { phone: '1' },
      after: { phone: '2' },
    });
    expect(update(before, { name: undefined })).toBeUndefined();
  });

  it('P6: gives nothing for a save that changes nothing', () => {
    const record = {
      id: 1,
      name: 'Jane',
      tags: ['a'],
      at: new Date(5),
      n: 5n,
      x: Number.NaN,
      f: 1.5,
      z: null,
    };
    expect(update(record, { ...record, tags: ['a'], at: new Date(5) })).toBeUndefined();
    expect(update({}, {})).toBeUndefined();
  });

  it('P6: gives nothing for a save that changes ignored or excluded fields only', () => {
    const before = {
      a: 1,
      updated_at: 1,
      updatedAt: 1,
      created_at: 1,
      createdAt: 1,
      last_login: 1,
      lastLogin: 1,
    };
    const after = {
      a: 1,
      updated_at: 2,
      updatedAt: 2,
      created_at: 2,
      createdAt: 2,
      last_login: 2,
      lastLogin: 2,
    };
    expect(update(before, after)).toBeUndefined();
    expect(
      update({ seen: 1, cache: 1 }, { seen: 2, cache: 2 }, { ignore: ['seen'], exclude: ['cache'] }),
    ).toBeUndefined();
  });

  it('shows what is ignored by default neither on a change of something else', () => {
    expect(update({ a: 1, updated_at: 1 }, { a: 2, updated_at: 2 })).toEqual({
      before: { a: 1 },
      after: { a: 2 },
    });
  });

  it.each<[string, unknown, unknown]>([
    ['JSON in another key order', { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }],
    ['a date and its text', new Date('2026-03-14T09:30:00Z'), '2026-03-14T09:30:00.000Z'],
    ['a decimal text and its number', '120.00', 120],
    ['a big integer and its text', 9007199254740993n, '9007199254740993'],
    ['NaN and NaN', Number.NaN, Number.NaN],
    ['undefined and null', undefined, null],
    ['the same text of 1 MB', 'x'.repeat(1_000_000), 'x'.repeat(1_000_000)],
  ])('P6: sees no change between %s', (_, before, after) => {
    expect(update({ field: before }, { field: after })).toBeUndefined();
  });

  it.each<[string, unknown, unknown, Json, Json]>([
    ['decimals as text', '0.10', '0.1', '0.10', '0.1'],
    ['big integers', 9007199254740993n, 9007199254740992n, '9007199254740993', '9007199254740992'],
    ['NaN', Number.NaN, 1, 'NaN', 1],
    ['NUL', 'a\0b', 'ab', 'a\ufffdb', 'ab'],
    [
      'dates to the millisecond',
      new Date(0),
      new Date(1),
      '1970-01-01T00:00:00.000Z',
      '1970-01-01T00:00:00.001Z',
    ],
    ['fractions', 0.1, 0.2, 0.1, 0.2],
    [
      'JSON',
      { a: [1, { b: 0.5 }] },
      { a: [1, { b: 0.25 }] },
      { a: [1, { b: 0.5 }] },
      { a: [1, { b: 0.25 }] },
    ],
    ['null and an empty text', null, '', null, ''],
    ['null and false', null, false, null, false],
    ['a text that looks like one of ours', '~n:5', '~n:6', '~n:5', '~n:6'],
  ])('P6: diffs and stores exactly %s', (_, old, now, readOld, readNow) => {
    const images = update({ field: old }, { field: now });
    expect(readTagged(images?.before?.['field'] ?? null)).toEqual(readOld);
    expect(readTagged(images?.after?.['field'] ?? null)).toEqual(readNow);
  });

  it('P6: stores a text of 1 MB exactly', () => {
    const text = 'Größe, € and 😀. '.repeat(50_000).slice(0, 700_000);
    const { images, flags } = take({ notes: null }, { notes: text });
    expect(images?.after?.['notes']).toBe(text);
    expect(flags).toEqual([]);
    expect(take(undefined, { notes: 'x'.repeat(1_000_000) }).images?.after?.['notes']).toBe(
      'x'.repeat(1_000_000),
    );
  });

  it('P6: never makes a float of money', () => {
    const money = ['120.10', '0.30', '99999999999999999999.99', '-0.01'];
    const { images } = take(undefined, Object.fromEntries(money.map((amount, i) => [`amount_${i}`, amount])));
    expect(Object.values(images?.after ?? {})).toEqual(money);
    expect(canonicalize(images?.after)).toContain('"99999999999999999999.99"');
  });

  it('P38: shows a changed secret as changed, without a value of either side', () => {
    const { images } = take({ id: 1, password: 'old-secret' }, { id: 1, password: 'new-secret' });
    expect(images).toEqual({ before: { password: '~x:redacted' }, after: { password: '~x:redacted' } });
    expect(update({ api_key: null }, { api_key: 'first' })).toEqual({
      before: { api_key: null },
      after: { api_key: '~x:redacted' },
    });
    expect(update({ password: 'same' }, { password: 'same' })).toBeUndefined();
  });

  it('P38: hides the values of redacted fields, whatever they are, and still sees them change', () => {
    const rules = { redact: ['diagnosis', 'positive', 'score'] };
    const { images } = take(
      { diagnosis: 'K02.1', positive: false, score: 1 },
      { diagnosis: 'K04.0', positive: true, score: 2 },
      rules,
    );
    const hidden = { diagnosis: '~x:redacted', positive: '~x:redacted', score: '~x:redacted' };
    expect(images).toEqual({ before: hidden, after: hidden });
    expect(update({ diagnosis: 'K02.1' }, { diagnosis: 'K02.1' }, rules)).toBeUndefined();
    expect(take(undefined, { id: 1, diagnosis: 'K02.1' }, rules).images?.after).toEqual({
      id: 1,
      diagnosis: '~x:redacted',
    });
  });

  it('never stores an excluded field', () => {
    const rules = { exclude: ['embedding'] };
    expect(take(undefined, { id: 1, embedding: [1] }, rules).images?.after).toEqual({ id: 1 });
    expect(take({ id: 1, embedding: [1] }, undefined, rules).images?.before).toEqual({ id: 1 });
    expect(update({ id: 1, embedding: [1] }, { id: 2, embedding: [2] }, rules)).toEqual({
      before: { id: 1 },
      after: { id: 2 },
    });
  });

  it('keeps fields that are named like what every object has', () => {
    const after: unknown = JSON.parse('{"__proto__":"a","constructor":"b","toString":"c"}');
    expect(JSON.stringify(take(undefined, after).images?.after)).toBe(
      '{"__proto__":"a","constructor":"b","toString":"c"}',
    );
    expect(JSON.stringify(update({}, after)?.after)).toBe(
      '{"__proto__":"a","constructor":"b","toString":"c"}',
    );
  });

  it('reads an entity that keeps its fields inside, and a map', () => {
    const entity = { $isNew: false, dataValues: { id: 1 }, toJSON: () => ({ id: 1, name: 'Jane' }) };
    expect(take(undefined, entity).images?.after).toEqual({ id: 1, name: 'Jane' });
    expect(update(new Map([['id', 1]]), new Map([['id', 2]]))).toEqual({
      before: { id: 1 },
      after: { id: 2 },
    });
  });

  it.each<[string, () => unknown]>([
    ['a text', () => 'Jane'],
    ['a number', () => 5],
    ['a list', () => [1]],
    ['bytes', () => Buffer.from('contents')],
    ['a date', () => new Date()],
    [
      'a revoked proxy',
      () => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        return proxy;
      },
    ],
    [
      'a proxy that throws',
      () =>
        new Proxy(
          {},
          {
            ownKeys: () => {
              throw new Error('no');
            },
          },
        ),
    ],
    [
      'a toJSON that throws',
      () => ({
        toJSON: () => {
          throw new Error('no');
        },
      }),
    ],
  ])('BAD-INPUT: says so, and keeps the other side, when one side is %s', (_, make) => {
    expect(take(make(), { id: 1 })).toEqual({
      images: { before: undefined, after: { id: 1 } },
      flags: ['invalid_input'],
    });
    expect(take({ id: 1 }, make())).toEqual({
      images: { before: { id: 1 }, after: undefined },
      flags: ['invalid_input'],
    });
    expect(take(make(), make())).toEqual({
      images: { before: undefined, after: undefined },
      flags: ['invalid_input'],
    });
  });

  it('BAD-INPUT: reads every field once, and shows one that cannot be read as unreadable', () => {
    let reads = 0;
    const after = {
      get counted() {
        reads += 1;
        return reads;
      },
      get broken(): never {
        throw new Error('no');
      },
    };
    expect(update({ counted: 0, broken: 1 }, after)).toEqual({
      before: { counted: 0, broken: 1 },
      after: { counted: 1, broken: '~x:unreadable' },
    });
  });
});

describe('ChangeTaker beyond its limit', () => {
  const long = 'word '.repeat(600_000);

  it('cuts a field that is too long, keeps its length and digest, and says that nothing can be restored from it', () => {
    const { images, flags } = take(undefined, { id: 1, scan: long });
    expect(String(images?.after?.['scan'])).toMatch(
      new RegExp(`^~t:${long.length}:${sha256(long)}:word word `),
    );
    expect(flags).toEqual(['not_restorable', 'truncated']);
    expect(canonicalize(images?.after).length).toBeLessThan(MEBIBYTE + 1_000);
  });

  it('cuts the longest field first, wherever it stands, and leaves the others whole', () => {
    const fields = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`field_${i}`, `${i}`.repeat(1_000)]),
    );
    const middle = 'm'.repeat(200_000);
    const { images } = take(undefined, { scan: long, ...fields, middle });
    expect(images?.after).toMatchObject({ ...fields, middle });
    expect(String(images?.after?.['scan']).length).toBeGreaterThan(500_000);
    expect(canonicalize(images?.after).length).toBeLessThan(MEBIBYTE + 1_000);
  });

  it('shares the limit between old and new', () => {
    const { images, flags } = take({ scan: `${long}a`, id: 1 }, { scan: `${long}b`, id: 2 });
    expect(flags).toEqual(['not_restorable', 'truncated']);
    expect(images).toMatchObject({ before: { id: 1 }, after: { id: 2 } });
    expect(images?.before?.['scan']).toContain(sha256(`${long}a`));
    expect(images?.after?.['scan']).toContain(sha256(`${long}b`));
    expect(canonicalize(images).length).toBeLessThan(MEBIBYTE + 1_000);
  });

  it('sees a change that lies beyond the limit', () => {
    expect(update({ scan: [`${long}a`] }, { scan: [`${long}b`] })).toBeDefined();
  });

  it('stays within the limit with 20,000 fields, and says what it did', () => {
    const wide = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, i) => [`field_${i}`, 'x'.repeat(100)]),
    );
    const { images, flags } = take(undefined, wide);
    expect(canonicalize(images?.after).length).toBeLessThan(MEBIBYTE + 1_000);
    expect(images?.after?.['~cut']).toBe('~x:cut');
    expect(flags).toEqual(['not_restorable', 'truncated']);
  });

  it('says the same of a field that is too deep', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 30; i += 1) deep = { deep };
    expect(take(undefined, { id: 1, deep })).toMatchObject({
      images: { after: { id: 1 } },
      flags: ['not_restorable', 'truncated'],
    });
  });
});
