import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseExact } from './exact-json.js';

describe('JSON from a database', () => {
  it('reads as ordinary JSON, but for what a double cannot hold', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = JSON.stringify(value);
        const rounded = JSON.stringify(parseExact(text), (_, member: unknown) =>
          typeof member === 'bigint' ? Number(member) : member,
        );
        expect(JSON.parse(rounded)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('P6: keeps whole numbers that are too large for a double', () => {
    expect(parseExact('{"id":9007199254740993,"n":-9223372036854775808,"safe":9007199254740991}')).toEqual({
      id: 9007199254740993n,
      n: -9223372036854775808n,
      safe: 9007199254740991,
    });
  });

  it('P6: keeps decimals that a double would round as their text', () => {
    expect(parseExact('[0.1, 12.50, 0.12345678901234567890, 1e400, 1e3]')).toEqual([
      0.1,
      12.5,
      '0.12345678901234567890',
      '1e400',
      '1e3',
    ]);
  });

  it('leaves texts alone that look like numbers or hold quotes', () => {
    const row = { a: '9007199254740993', b: 'say "9007199254740993"', c: '\\', d: '~n:1', e: '{"f":1e400}' };
    expect(parseExact(JSON.stringify(row))).toEqual(row);
  });

  it('reads the digest of bytes as bytes are read elsewhere', () => {
    const digest = 'ab'.repeat(32);
    expect(parseExact(`{"photo":"~b:5:${digest}","text":"~b:5"}`)).toEqual({
      photo: { size: 5, digest: `sha256:${digest}` },
      text: '~b:5',
    });
  });

  it('reads texts of many megabytes and thousands of levels', () => {
    const long = JSON.stringify({ a: 'x"\\\n'.repeat(3_000_000), n: 1 });
    expect(parseExact(long)).toEqual(JSON.parse(long));
    const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
    expect(() => parseExact(deep)).not.toThrow();
  });

  it('changes nothing but what it reads in a member called __proto__', () => {
    const value = parseExact('{"__proto__":9007199254740993,"a":{"__proto__":"x"}}') as object;
    expect(Object.entries(value)).toEqual([
      ['__proto__', 9007199254740993n],
      ['a', JSON.parse('{"__proto__":"x"}')],
    ]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });
});
