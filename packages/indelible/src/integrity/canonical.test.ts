import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { AuditError } from '../event/errors.js';
import { canonicalize } from './canonical.js';

/** RFC 8785, appendix B: the bits of a number, and its text. */
const NUMBERS = [
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['ffefffffffffffff', '-1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['c340000000000000', '-9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['44b52d02c7e14af5', '9.999999999999997e+22'],
  ['44b52d02c7e14af6', '1e+23'],
  ['44b52d02c7e14af7', '1.0000000000000001e+23'],
  ['444b1ae4d6e2ef4e', '999999999999999700000'],
  ['444b1ae4d6e2ef4f', '999999999999999900000'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555553', '333333333.3333332'],
  ['41b3de4355555554', '333333333.33333325'],
  ['41b3de4355555555', '333333333.3333333'],
  ['41b3de4355555556', '333333333.3333334'],
  ['41b3de4355555557', '333333333.33333343'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
  ['43143ff3c1cb0959', '1424953923781206.2'],
] as const;

/** RFC 8785, section 3.2.2, and the bytes that section 3.2.4 gives for it. */
const STRUCTURE = String.raw`{
  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
  "literals": [null, true, false]
}`;
const STRUCTURE_BYTES = `
  7b 22 6c 69 74 65 72 61 6c 73 22 3a 5b 6e 75 6c 6c 2c 74 72
  75 65 2c 66 61 6c 73 65 5d 2c 22 6e 75 6d 62 65 72 73 22 3a
  5b 33 33 33 33 33 33 33 33 33 2e 33 33 33 33 33 33 33 2c 31
  65 2b 33 30 2c 34 2e 35 2c 30 2e 30 30 32 2c 31 65 2d 32 37
  5d 2c 22 73 74 72 69 6e 67 22 3a 22 e2 82 ac 24 5c 75 30 30
  30 66 5c 6e 41 27 42 5c 22 5c 5c 5c 5c 5c 22 2f 22 7d`;

/** RFC 8785, section 3.2.3. */
const SORTING = String.raw`{
  "\u20ac": "Euro Sign",
  "\r": "Carriage Return",
  "\ufb33": "Hebrew Letter Dalet With Dagesh",
  "1": "One",
  "\ud83d\ude00": "Emoji: Grinning Face",
  "\u0080": "Control",
  "\u00f6": "Latin Small Letter O With Diaeresis"
}`;
const SORTED = [
  'Carriage Return',
  'One',
  'Control',
  'Latin Small Letter O With Diaeresis',
  'Euro Sign',
  'Emoji: Grinning Face',
  'Hebrew Letter Dalet With Dagesh',
];

/** The files that the RFC's authors publish beside it. */
const FILES = [
  [
    String.raw`{"1": {"f": {"f": "hi","F": 5} ,"\n": 56.0}, "10": { }, "": "empty", "a": { }, "111": [ {"e": "yes","E": "no" } ], "A": { }}`,
    String.raw`{"":"empty","1":{"\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{"E":"no","e":"yes"}],"A":{},"a":{}}`,
  ],
  ['[56, {"d": true, "10": null, "1": [ ]}]', '[56,{"1":[],"10":null,"d":true}]'],
  [
    '{"peach": "This sorting order", "péché": "is wrong according to French", "pêche": "but canonicalization MUST", "sin": "ignore locale"}',
    '{"peach":"This sorting order","péché":"is wrong according to French","pêche":"but canonicalization MUST","sin":"ignore locale"}',
  ],
  [String.raw`{"Unnormalized Unicode":"A\u030a"}`, `{"Unnormalized Unicode":"A\u030a"}`],
] as const;

function numberOf(bits: string): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${bits}`));
  return view.getFloat64(0);
}

function nested(depth: number, isList: boolean): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i += 1) value = isList ? [value] : { a: value };
  return value;
}

describe('canonicalize, by RFC 8785', () => {
  it.each(NUMBERS)('writes the number %s as %s', (bits, text) => {
    expect(canonicalize(numberOf(bits))).toBe(text);
    expect(Object.is(Number(text), numberOf(bits)) || numberOf(bits) === 0).toBe(true);
  });

  it('writes the structure of the RFC to the byte', () => {
    const expected = Buffer.from(STRUCTURE_BYTES.replaceAll(/\s/g, ''), 'hex');
    expect(Buffer.from(canonicalize(JSON.parse(STRUCTURE)))).toEqual(expected);
  });

  it('sorts names by their UTF-16 code units', () => {
    const text = canonicalize(JSON.parse(SORTING));
    expect(Object.values(JSON.parse(`[${text.slice(1, -1).replaceAll(/"[^"]*":/g, '')}]`))).toEqual(SORTED);
  });

  it.each(FILES)('writes %s as its published counterpart', (input, output) => {
    expect(canonicalize(JSON.parse(input))).toBe(output);
  });

  it('escapes in a text only what must be, in the shortest way', () => {
    const text = Array.from({ length: 0x20 }, (_, i) => String.fromCharCode(i)).join('');
    expect(canonicalize(`${text}"\\/\u007f\u0080\u2028\u2029😀`)).toBe(
      String.raw`"\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f\"\\/` +
        '\u007f\u0080\u2028\u2029😀"',
    );
  });

  it('writes every character as JSON.stringify does', () => {
    const codes = Array.from({ length: 0x10000 }, (_, code) => code).filter((code) => code >> 11 !== 0x1b);
    const texts = codes.map((code) => `a${String.fromCharCode(code)}b`);
    expect(texts.filter((text) => canonicalize(text) !== JSON.stringify(text))).toEqual([]);
  });
});

describe('canonicalize', () => {
  it('writes minus zero as zero', () => {
    expect(canonicalize([-0, { a: -0 }])).toBe('[0,{"a":0}]');
  });

  it('leaves away members that are undefined, and nothing else', () => {
    expect(canonicalize({ b: undefined, a: null, c: 0, d: '', e: false })).toBe(
      '{"a":null,"c":0,"d":"","e":false}',
    );
    expect(canonicalize({ a: undefined })).toBe('{}');
  });

  it('writes names that objects are born with like any other', () => {
    const value: unknown = JSON.parse('{"toString":1,"__proto__":{"constructor":2},"hasOwnProperty":3}');
    expect(canonicalize(value)).toBe('{"__proto__":{"constructor":2},"hasOwnProperty":3,"toString":1}');
    expect(({} as Record<string, unknown>)['constructor']).toBe(Object);
  });

  it('takes objects without a prototype', () => {
    expect(canonicalize(Object.assign(Object.create(null) as object, { b: 1, a: [] }))).toBe(
      '{"a":[],"b":1}',
    );
  });

  it('does not change what it is given', () => {
    const value = Object.freeze({ b: Object.freeze([2, 1]), a: Object.freeze({ d: 1, c: 2 }) });
    expect(canonicalize(value)).toBe('{"a":{"c":2,"d":1},"b":[2,1]}');
    expect(Object.keys(value)).toEqual(['b', 'a']);
  });

  it.each<[string, unknown, string]>([
    ['undefined', undefined, 'undefined'],
    ['undefined in a list', [undefined], 'undefined'],
    ['a hole in a list', Array.from({ length: 2 }), 'undefined'],
    ['a function', { a: () => 1 }, 'function'],
    ['a symbol', [Symbol('s')], 'symbol'],
    ['a big integer', 1n, 'bigint'],
    ['NaN', { a: [Number.NaN] }, 'NaN'],
    ['Infinity', Number.POSITIVE_INFINITY, 'Infinity'],
    ['-Infinity', Number.NEGATIVE_INFINITY, '-Infinity'],
    ['a high surrogate alone', 'a\ud800', 'lone surrogate'],
    ['a low surrogate alone', ['\udc00b'], 'lone surrogate'],
    ['surrogates in the wrong order', '\ude00\ud83d', 'lone surrogate'],
    ['a surrogate alone in a name', { '\ud800': 1 }, 'lone surrogate'],
    ['a date', new Date(0), 'not plain'],
    ['a map', new Map(), 'not plain'],
    ['bytes', Buffer.from('a'), 'not plain'],
    [
      'an object of a class',
      new (class Thing {
        readonly a = 1;
      })(),
      'not plain',
    ],
    ['a boxed text', Object('a'), 'not plain'],
    [
      'an object that would speak for itself',
      new (class {
        toJSON = () => 1;
      })(),
      'not plain',
    ],
  ])('refuses %s', (_, value, found) => {
    expect(() => canonicalize(value)).toThrow(AuditError);
    expect(() => canonicalize(value)).toThrow(expect.objectContaining({ code: 'NOT_CANONICAL' }));
    expect(() => canonicalize(value)).toThrow(found);
  });

  it.each([true, false])('refuses nesting deeper than 64 without overflowing, lists: %s', (isList) => {
    expect(canonicalize(nested(64, isList))).toContain('1');
    expect(() => canonicalize(nested(65, isList))).toThrow('nesting deeper than 64');
    expect(() => canonicalize(nested(20_000, isList))).toThrow('nesting deeper than 64');
  });

  it('refuses a cycle', () => {
    const value: Record<string, unknown> = {};
    value['self'] = value;
    expect(() => canonicalize(value)).toThrow('nesting deeper than 64');
  });

  it('is read back as what was given', () => {
    fc.assert(
      fc.property(json, (value) => {
        // JSON has no minus zero.
        expect(JSON.parse(canonicalize(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 500 },
    );
  });

  it('does not depend on the order of members', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalize(reversed(value))).toBe(canonicalize(value));
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same text for what it is read back as', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalize(value);
        expect(canonicalize(JSON.parse(text))).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it('gives different texts for different values', () => {
    fc.assert(
      fc.property(json, json, (one, other) => {
        const same = canonicalize(one) === canonicalize(other);
        expect(same).toBe(isEqual(one, other));
      }),
      { numRuns: 500 },
    );
  });
});

const json = fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' });

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

function isEqual(one: unknown, other: unknown): boolean {
  try {
    expect(JSON.parse(JSON.stringify(one))).toEqual(JSON.parse(JSON.stringify(other)));
    return true;
  } catch {
    // They differ, which is what is asked.
    return false;
  }
}
