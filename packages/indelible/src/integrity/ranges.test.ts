import { describe, expect, it } from 'vitest';

import { formatRanges, LeafRanges, parseRanges } from './ranges.js';

const MOST = Number.MAX_SAFE_INTEGER;

describe('ranges of leaves', () => {
  it.each([
    [[], ''],
    [[0], '0'],
    [[0, 1, 2, 5], '0-2,5'],
    [[7, 7, 8], '7-8'],
    [[3, 5, 7], '3,5,7'],
    [[MOST - 1, MOST], `${MOST - 1}-${MOST}`],
  ])('writes %j as %j', (indexes, text) => {
    expect(formatRanges(indexes)).toBe(text);
    expect(parseRanges(text)?.count).toBe(new Set(indexes).size);
  });

  it.each([[[2, 1]], [[-1]], [[0.5]], [[Number.NaN]], [[MOST + 1]]])('refuses to write %j', (indexes) => {
    expect(() => formatRanges(indexes)).toThrow(expect.objectContaining({ code: 'NOT_PROVABLE' }));
  });

  it('finds what it was given, and nothing beside it', () => {
    const indexes = Array.from({ length: 500 }, (_, n) => n).filter((n) => (n * 7919) % 11 < 6);
    const ranges = parseRanges(formatRanges(indexes));
    const found = Array.from({ length: 520 }, (_, n) => n - 10).filter((n) => ranges?.has(n));
    expect(found).toEqual(indexes);
    expect(ranges?.count).toBe(indexes.length);
    expect(ranges?.last).toBe(indexes.at(-1));
  });

  it.each([Number.NaN, 0.5, Infinity, -1, MOST + 1])('does not hold %d', (index) => {
    expect(parseRanges(`0-${MOST}`)?.has(index)).toBe(false);
  });

  it.each([
    ',',
    '1,',
    ',1',
    '1,,3',
    '3,1',
    '1,1',
    '1,2',
    '1-3,4',
    '1-3,2-5',
    '3-1',
    '1-1',
    '0-0',
    '01',
    '1-02',
    '-1',
    '1-',
    '1-2-3',
    '+1',
    '1e3',
    '0x1',
    '1.5',
    ' 1',
    '1 ,3',
    '1\n',
    'one',
    '٣',
    `${MOST + 1}`,
    `1-${MOST + 1}`,
    '99999999999999999999',
  ])('takes %j for nothing that was ever written', (text) => {
    expect(parseRanges(text)).toBeUndefined();
  });

  it.each([undefined, null, 5, {}, ['0-3'], { length: 1 }])('takes %j for no text at all', (value) => {
    expect(LeafRanges.parse(value)).toBeUndefined();
  });

  it('reads half a million ranges in a moment, and refuses what is longer than any removal', () => {
    const text = formatRanges(Array.from({ length: 500_000 }, (_, n) => n * 2));
    const began = performance.now();
    expect(parseRanges(text)?.has(999_998)).toBe(true);
    expect(performance.now() - began).toBeLessThan(2000);
    expect(LeafRanges.parse('1'.repeat(64 * 1024 * 1024 + 1))).toBeUndefined();
  });
});
