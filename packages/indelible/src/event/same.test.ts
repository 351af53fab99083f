import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { isSame } from './same.js';

const NINE = new Date('2026-03-14T09:30:00.000Z');

function throwing(): never {
  throw new Error('no');
}

describe('isSame', () => {
  it.each<[string, unknown, unknown]>([
    ['undefined and null', undefined, null],
    ['NaN and itself', Number.NaN, Number.NaN],
    ['zero and minus zero', 0, -0],
    ['objects in another key order', { a: 1, b: { c: [1], d: 2 } }, { b: { d: 2, c: [1] }, a: 1 }],
    ['an absent and an undefined member', { a: 1 }, { a: 1, b: undefined }],
    ['a date and its text', NINE, '2026-03-14T09:30:00.000Z'],
    ['a text and its date, written otherwise', '2026-03-14 10:30:00+01', NINE],
    ['two dates', NINE, new Date(NINE)],
    ['a date and its text inside', { at: [NINE] }, { at: ['2026-03-14T09:30:00.000Z'] }],
    ['a decimal text and a number', '10.00', 10],
    ['a number and a decimal text', -0.5, '-0.50'],
    ['zero and its decimal text', 0, '0.00'],
    ['a big integer and a number', 5n, 5],
    ['a big integer and its text', 9007199254740993n, '9007199254740993'],
    ['a decimal object and a decimal text', { toJSON: () => '12.5' }, '12.50'],
    ['the same bytes', Buffer.from('abc'), Uint8Array.from(Buffer.from('abc'))],
    ['a map and an object', new Map([['a', 1]]), { a: 1 }],
    ['the same text of 1 MB', 'x'.repeat(1_000_000), 'x'.repeat(1_000_000)],
    ['the same long text inside', ['x'.repeat(2_000_000)], ['x'.repeat(2_000_000)]],
    ['an invalid date and another', new Date(Number.NaN), new Date(Number.NaN)],
  ])('sees no change between %s', (_, one, other) => {
    expect(isSame(one, other)).toBe(true);
    expect(isSame(other, one)).toBe(true);
  });

  it.each<[string, unknown, unknown]>([
    ['null and an empty text', null, ''],
    ['null and zero', null, 0],
    ['null and false', undefined, false],
    ['null and NaN', null, Number.NaN],
    ['null and an empty list', null, []],
    ['texts that differ in case', 'a', 'A'],
    ['texts that differ in spaces', 'a', 'a '],
    ['texts that differ in form only', '\u00e9', 'e\u0301'],
    ['a text with NUL and one without', 'a\0', 'a'],
    ['NUL and what it is replaced by', 'a\0', 'a\ufffd'],
    ['two decimal texts, which may be codes', '10.00', '10.0'],
    ['a number and a code', 7, '007'],
    ['a number and a text with an exponent', 1000, '1e3'],
    ['neighbouring big integers', 9007199254740993n, 9007199254740992n],
    ['a big integer and the float nearest to it', 9007199254740993n, 2 ** 53],
    ['money that a float cannot hold', '0.30', 0.1 + 0.2],
    ['one and true', 1, true],
    ['dates a millisecond apart', NINE, new Date(NINE.getTime() + 1)],
    ['a date and a text without a zone', NINE, '2026-03-14T09:30:00'],
    ['a date and its number', NINE, NINE.getTime()],
    ['lists in another order', [1, 2], [2, 1]],
    ['a list and an object like it', ['a'], { 0: 'a' }],
    ['a null and an absent member', { a: 1, b: null }, { a: 1 }],
    ['texts of 1 MB that differ at the end', `${'x'.repeat(1_000_000)}a`, `${'x'.repeat(1_000_000)}b`],
    [
      'long texts inside that differ at the end',
      [`${'x'.repeat(2_000_000)}a`],
      [`${'x'.repeat(2_000_000)}b`],
    ],
    [
      'long lists that differ at the end',
      [...Array.from({ length: 200_000 }, () => 1), 2],
      [...Array.from({ length: 200_000 }, () => 1), 3],
    ],
    ['other bytes of the same length', Buffer.from('abc'), Buffer.from('abd')],
    ['a text and one that looks like ours', '~n:5', 5],
  ])('sees a change between %s', (_, one, other) => {
    expect(isSame(one, other)).toBe(false);
    expect(isSame(other, one)).toBe(false);
  });

  it('takes for changed, rather than for the same, what is too deep to compare', () => {
    const deep = (end: string): unknown => Array.from({ length: 40 }).reduce((inner) => [inner], end);
    expect(isSame(deep('a'), deep('b'))).toBe(false);
    expect(isSame(deep('a'), deep('a'))).toBe(false);
    const same = deep('a');
    expect(isSame(same, same)).toBe(true);
  });

  it('never throws', () => {
    const hostile = [
      new Proxy({}, { ownKeys: throwing }),
      new Proxy({}, { getPrototypeOf: throwing }),
      { toJSON: throwing },
      Object.create(Date.prototype),
      Symbol('s'),
      () => 1,
    ];
    for (const one of hostile) for (const other of [...hostile, 1, 'a', null, NINE]) isSame(one, other);
    fc.assert(fc.property(anything, anything, (one, other) => isSame(one, other) === isSame(other, one)));
  });

  it('sees no change between a value and a copy of it', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => isSame(value, JSON.parse(JSON.stringify(value)))));
  });
});

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
});
