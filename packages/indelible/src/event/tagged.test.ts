import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  escapeText,
  readTagged,
  tagBigInt,
  tagBytes,
  tagCut,
  tagDate,
  tagMarker,
  tagNumber,
  unescapeText,
} from './tagged.js';

describe('readTagged', () => {
  it.each([
    [tagNumber(12.5), 12.5],
    [tagNumber(1e300), 1e300],
    [tagNumber(5e-324), 5e-324],
    [tagNumber(Number.NaN), 'NaN'],
    [tagNumber(Number.NEGATIVE_INFINITY), '-Infinity'],
    [tagBigInt(9007199254740993n), '9007199254740993'],
    [tagBigInt(-(2n ** 100n)), '-1267650600228229401496703205376'],
    [tagDate(new Date(0)), '1970-01-01T00:00:00.000Z'],
    [tagDate(new Date(Date.UTC(9999, 11, 31, 23, 59, 59, 999))), '9999-12-31T23:59:59.999Z'],
    [tagDate(new Date(Number.NaN)), '[invalid date]'],
    [tagBytes(3, 'abc123'), { size: 3, digest: 'sha256:abc123' }],
    [tagCut(70_000, 'abc123', 'It began: so'), 'It began: so…'],
    [tagCut(70_000, 'abc123', ''), '…'],
    [tagMarker('redacted'), '[redacted]'],
    [tagMarker('cycle'), '[cycle]'],
  ])('reads %j as %j', (tagged, value) => {
    expect(readTagged(tagged)).toEqual(value);
  });

  it('reads tagged values wherever they stand, and leaves everything else as it is', () => {
    const tagged = { a: [tagNumber(0.5), { b: tagBigInt(1n) }], c: null, d: true, e: 'x', f: 7 };
    expect(readTagged(tagged)).toEqual({ a: [0.5, { b: '1' }], c: null, d: true, e: 'x', f: 7 });
  });

  it('keeps a member that is called __proto__', () => {
    const read = readTagged(JSON.parse('{"__proto__":{"polluted":true}}') as never);
    expect(JSON.stringify(read)).toBe('{"__proto__":{"polluted":true}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('escapeText', () => {
  it.each(['~n:12', '~i:5', '~d:2026-03-14', '~b:3:abc', '~t:9:abc:x', '~x:redacted', '~s:~n:1', '~z:'])(
    'lets the text %s survive, though it looks like one of ours',
    (text) => {
      expect(escapeText(text)).not.toBe(text);
      expect(readTagged(escapeText(text))).toBe(text);
      expect(unescapeText(escapeText(text))).toBe(text);
    },
  );

  it.each(['', '~', '~n', '~N:5', '~5:5', '~~n:5', ' ~n:5', 'plain', '~/home'])(
    'leaves %j alone, which looks like nothing of ours',
    (text) => {
      expect(escapeText(text)).toBe(text);
      expect(readTagged(text)).toBe(text);
    },
  );

  it('lets every text survive', () => {
    const tilde = fc
      .tuple(fc.constantFrom('~', '~s', '~n:', '~x:', ''), fc.string())
      .map((parts) => parts.join(''));
    fc.assert(fc.property(fc.oneof(tilde, fc.string()), (text) => readTagged(escapeText(text)) === text));
  });
});
