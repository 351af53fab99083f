import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { canonicalize } from '../integrity/canonical.js';
import type { Json } from './event.js';
import type { Flag } from './flag.js';
import { Redactor } from './redaction.js';
import { Snapshot } from './snapshot.js';
import { readTagged } from './tagged.js';

const LIMIT = 64 * 1024;
/** What a snapshot may go over its limit by: a few markers, digests and keys. */
const SLACK = 4 * 1024;

function take(value: unknown, limitBytes: number = LIMIT): Json | undefined {
  return new Snapshot(limitBytes, new Redactor()).take(value);
}

/** As it is read back from the trail. */
function read(value: unknown, limitBytes?: number): Json {
  return readTagged(take(value, limitBytes) ?? null);
}

function flagsOf(value: unknown, limitBytes: number = LIMIT): Flag[] {
  const snapshot = new Snapshot(limitBytes, new Redactor());
  snapshot.take(value);
  return [...snapshot.flags].sort();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

describe('Snapshot of ordinary values', () => {
  it.each<[string, unknown, Json]>([
    ['a text', 'Jane', 'Jane'],
    ['an empty text', '', ''],
    ['a whole number', 42, 42],
    ['the largest safe integer', 9007199254740991, 9007199254740991],
    ['a fraction', 12.5, '~n:12.5'],
    ['an unsafe integer', 2 ** 60, '~n:1152921504606847000'],
    ['a boolean', false, false],
    ['null', null, null],
    ['a list', [1, 'a', [true]], [1, 'a', [true]]],
    ['an object', { b: { c: 1 } }, { b: { c: 1 } }],
    ['a date', new Date(0), '~d:1970-01-01T00:00:00.000Z'],
    [
      'a date of a database in microseconds',
      new Date('2026-03-14T09:30:00.123Z'),
      '~d:2026-03-14T09:30:00.123Z',
    ],
    ['a big integer', 123n, '~i:123'],
    ['a regular expression', /a+/gi, '/a+/gi'],
    ['a URL', new URL('https://a.example/b?c=1'), 'https://a.example/b?c=1'],
    ['a boxed text', Object('a'), 'a'],
    ['a boxed number', Object(5), 5],
    ['a boxed boolean', Object(true), true],
    ['a boxed big integer', Object(5n), '~i:5'],
    ['a promise', Promise.resolve(1), '~x:promise'],
    ['query parameters', new URLSearchParams('a=1&b=2'), { a: '1', b: '2' }],
    ['headers', new Headers({ Accept: 'text/html' }), { accept: 'text/html' }],
    ['a set', new Set([1, 'a']), [1, 'a']],
    ['a map of names', new Map([['a', 1]]), { a: 1 }],
    ['something that speaks for itself', { toJSON: () => ({ a: 1 }) }, { a: 1 }],
    ['something that says it is nothing', { toJSON: () => undefined, hidden: 1 }, null],
    ['something with a member called toJSON', { toJSON: 'a' }, { toJSON: 'a' }],
  ])('takes %s', (_, value, expected) => {
    expect(take(value)).toEqual(expected);
  });

  it('tells undefined from null, leaves undefined members away and keeps a place in a list', () => {
    expect(take(undefined)).toBeUndefined();
    expect(take({ a: undefined, b: null, c: [undefined, 1] })).toEqual({ b: null, c: [null, 1] });
  });

  it('keeps of bytes their size and digest, whatever holds them', () => {
    const expected = `~b:3:${createHash('sha256')
      .update(Buffer.from([1, 2, 3]))
      .digest('hex')}`;
    const bytes = Uint8Array.of(0, 1, 2, 3, 4);
    for (const value of [
      Buffer.from([1, 2, 3]),
      Uint8Array.of(1, 2, 3),
      bytes.subarray(1, 4),
      new DataView(bytes.buffer, 1, 3),
      Uint8Array.of(1, 2, 3).buffer,
    ])
      expect(take(value)).toBe(expected);
  });

  it('keeps of a file its name, type and size', () => {
    expect(take(new Blob(['contents'], { type: 'text/plain' }))).toEqual({ size: 8, type: 'text/plain' });
  });

  it('keeps of an error what it says and why, and no stack', () => {
    const cause = Object.assign(new TypeError('no such column'), { code: '42703' });
    const error = new Error('could not be saved', { cause });
    expect(take({ error })).toEqual({
      error: {
        name: 'Error',
        message: 'could not be saved',
        cause: { name: 'TypeError', message: 'no such column', code: '42703' },
      },
    });
  });

  it('takes the own members of an object of a class', () => {
    class Patient {
      readonly id = 7;
      readonly name = 'Jane';
      readonly #notes = 'private';
      get notes(): string {
        return this.#notes;
      }
    }
    expect(take(new Patient())).toEqual({ id: 7, name: 'Jane' });
  });

  it('takes what appears twice twice: only a cycle is cut', () => {
    const address = { city: 'Perth' };
    expect(take({ home: address, work: address })).toEqual({
      home: { city: 'Perth' },
      work: { city: 'Perth' },
    });
  });
});

describe('Snapshot of bad input', () => {
  it.each<[string, unknown, Json]>([
    ['NaN', Number.NaN, 'NaN'],
    ['Infinity', Number.POSITIVE_INFINITY, 'Infinity'],
    ['minus zero', -0, 0],
    ['an integer beyond 2^53', 9007199254740993n, '9007199254740993'],
    ['an invalid date', new Date(Number.NaN), '[invalid date]'],
    ['a function', () => 1, '[function]'],
    ['a class', Map, '[function]'],
    ['a symbol', Symbol('s'), '[symbol]'],
    ['a boxed symbol', Object(Symbol('s')), '[symbol]'],
    [
      'a map with odd keys',
      new Map<unknown, unknown>([
        [{ a: 1 }, 2],
        [3, new Map([[4, 5]])],
      ]),
      [
        [{ a: 1 }, 2],
        [3, [[4, 5]]],
      ],
    ],
    ['a weak map', new WeakMap(), {}],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 }), { a: 1 }],
    [
      'control characters and markup',
      '\r\n\u001b[2J\u202e<script>alert(1)</script>',
      '\r\n\u001b[2J\u202e<script>alert(1)</script>',
    ],
    ['a text that looks like one of ours', '~x:redacted', '~x:redacted'],
  ])('BAD-INPUT: takes %s', (_, value, expected) => {
    expect(read(value)).toEqual(expected);
  });

  it('BAD-INPUT: replaces NUL and lone surrogates in texts and names, and says so', () => {
    const value = { 'a\0': ['\ud800x', '\udc00'], b: '\0', ok: '😀' };
    expect(take(value)).toEqual({ 'a\ufffd': ['\ufffdx', '\ufffd'], b: '\ufffd', ok: '😀' });
    expect(flagsOf(value)).toEqual(['sanitized']);
  });

  it('BAD-INPUT: marks a cycle where it closes', () => {
    const value: Record<string, unknown> = { a: 1 };
    value['self'] = value;
    value['list'] = [value];
    expect(read(value)).toEqual({ a: 1, self: '[cycle]', list: ['[cycle]'] });
    const map = new Map<string, unknown>();
    map.set('self', map);
    const set = new Set<unknown>();
    set.add(set);
    expect(read([map, set])).toEqual([{ self: '[cycle]' }, ['[cycle]']]);
  });

  it('BAD-INPUT: loses to a throwing getter that member only', () => {
    const value = {
      a: 1,
      get b(): never {
        throw new Error('no');
      },
      get c(): never {
        return throwing();
      },
      d: 4,
    };
    expect(read(value)).toEqual({ a: 1, b: '[unreadable]', c: '[unreadable]', d: 4 });
    expect(
      read(
        Object.defineProperty([1, 2, 3], 1, {
          get: () => {
            throw new Error('no');
          },
        }),
      ),
    ).toEqual([1, '[unreadable]', 3]);
  });

  it.each<[keyof ProxyHandler<object>, object]>([
    ['get', { x: 1 }],
    ['get', [1]],
    ['ownKeys', { x: 1 }],
    ['getPrototypeOf', { x: 1 }],
    ['getOwnPropertyDescriptor', { x: 1 }],
  ])(
    'BAD-INPUT: takes a proxy whose %s throws for unreadable, and its neighbours as they are: %j',
    (trap, target) => {
      const proxy = new Proxy(target, {
        [trap]: () => {
          throw new Error('no');
        },
      });
      expect(read({ before: 1, proxy, after: 2 })).toEqual({ before: 1, proxy: '[unreadable]', after: 2 });
    },
  );

  it('BAD-INPUT: takes revoked proxies for unreadable, and its neighbours as they are', () => {
    const object = Proxy.revocable({}, {});
    const list = Proxy.revocable([], {});
    const call = Proxy.revocable(() => 1, {});
    for (const one of [object, list, call]) one.revoke();
    expect(read([1, object.proxy, list.proxy, call.proxy, 2])).toEqual([
      1,
      '[unreadable]',
      '[unreadable]',
      '[function]',
      2,
    ]);
  });

  it('BAD-INPUT: takes proxies of things with inner slots for unreadable', () => {
    for (const target of [new Map(), new Set(), new Date(), Buffer.from('a'), new URLSearchParams('a=1')])
      expect(read({ a: new Proxy(target, {}) })).toEqual({ a: '[unreadable]' });
  });

  it('BAD-INPUT: is not fooled by a toJSON that lies', () => {
    const itself = {
      a: 1,
      toJSON(): unknown {
        return this;
      },
    };
    expect(read(itself)).toEqual({ a: 1, toJSON: '[function]' });
    expect(
      read({
        x: {
          toJSON: () => {
            throw new Error('no');
          },
        },
        y: 1,
      }),
    ).toEqual({ x: '[unreadable]', y: 1 });
    const endless = (): unknown => ({ toJSON: endless });
    expect(read(endless())).toBe('[depth]');
    const widening = (): unknown => ({ toJSON: () => [widening(), widening(), widening()] });
    expect(JSON.stringify(take(widening())).length).toBeLessThan(LIMIT + SLACK);
    expect(read({ toJSON: () => 1n })).toBe('1');
    expect(read({ a: { toJSON: () => Symbol('s') } })).toEqual({ a: '[symbol]' });
  });

  it('BAD-INPUT: keeps __proto__ and its like as plain data', () => {
    const value: unknown = JSON.parse(
      '{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}',
    );
    const copy = take(value) as object;
    expect(JSON.stringify(copy)).toBe(
      '{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}',
    );
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
    expect(JSON.stringify(take(new Map([['__proto__', 1]])))).toBe('{"__proto__":1}');
  });

  it('BAD-INPUT: goes sixteen levels deep into 20,000, lists and objects', () => {
    let list: unknown = 'end';
    let object: unknown = 'end';
    for (let i = 0; i < 20_000; i += 1) {
      list = [list];
      object = { a: object };
    }
    expect(JSON.stringify(read(list))).toBe(`${'['.repeat(16)}"[depth]"${']'.repeat(16)}`);
    expect(JSON.stringify(read(object))).toBe(`${'{"a":'.repeat(16)}"[depth]"${'}'.repeat(16)}`);
    expect(flagsOf(list)).toEqual(['truncated']);
  });

  it('BAD-INPUT: keeps of a text of 10 MB what there is room for, with its length and digest', () => {
    const text = 'All work and no play. '.repeat(500_000);
    const copy = take({ text }) as { text: string };
    expect(copy.text.startsWith(`~t:${text.length}:${sha256(text)}:All work and no play.`)).toBe(true);
    expect(Buffer.byteLength(copy.text)).toBeGreaterThan(LIMIT - 100);
    expect(Buffer.byteLength(copy.text)).toBeLessThan(LIMIT + 100);
    expect(flagsOf({ text })).toEqual(['truncated']);
  });

  it('BAD-INPUT: keeps of metadata of 10 MB and of 10,000 keys what there is room for', () => {
    const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`key_${i}`, `value ${i}`]));
    const heavy = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, i) => [`key_${i}`, 'x y '.repeat(2_500)]),
    );
    for (const value of [wide, heavy]) {
      const copy = take(value) as Record<string, Json>;
      expect(JSON.stringify(copy).length).toBeLessThan(LIMIT + SLACK);
      expect(JSON.stringify(copy).length).toBeGreaterThan(LIMIT / 2);
      expect(copy['key_0']).toBe((value as Record<string, unknown>)['key_0']);
      expect(copy['~cut']).toBe('~x:cut');
      expect(flagsOf(value)).toEqual(['truncated']);
    }
  });

  it('BAD-INPUT: keeps 10,000 short keys whole where there is room', () => {
    const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, i]));
    expect(take(wide, 1024 * 1024)).toEqual(wide);
  });

  it.each<[string, () => unknown]>([
    ['a list of 2^32-1 holes', () => Object.assign([], { length: 2 ** 32 - 1 })],
    ['a list of a million empty objects', () => Array.from({ length: 1_000_000 }, () => ({}))],
    ['a list of a million empty lists', () => Array.from({ length: 1_000_000 }, () => [])],
    [
      'a proxy that is an endless list of lists',
      () => new Proxy([], { get: (_, key) => (key === 'length' ? 2 ** 53 : []) }),
    ],
    ['a map of 300,000', () => new Map(Array.from({ length: 300_000 }, (_, i) => [i, i]))],
    ['a set of 300,000', () => new Set(Array.from({ length: 300_000 }, (_, i) => i))],
    [
      'a map that never ends',
      () =>
        new (class extends Map<string, number> {
          override *[Symbol.iterator](): MapIterator<[string, number]> {
            for (let i = 0; ; i += 1) yield [`k${i}`, i];
          }
        })(),
    ],
    [
      'a set that never ends',
      () =>
        new (class extends Set<number> {
          override *[Symbol.iterator](): SetIterator<number> {
            for (let i = 0; ; i += 1) yield i;
          }
        })(),
    ],
    ['getters that make new objects for ever', () => endlessGetters()],
    ['a graph of 10^16 paths', () => manyPaths()],
    ['a big integer of a million digits', () => 2n ** 3_000_000n],
    ['names of 1 MB', () => ({ ['n'.repeat(1_000_000)]: 1, ['n'.repeat(1_000_001)]: 2 })],
  ])('BAD-INPUT: is done quickly, and within its room, with %s', (_, make) => {
    const value = make();
    const began = performance.now();
    const text = canonicalize(take(value));
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(text.length).toBeLessThan(LIMIT * 1.5);
    expect(flagsOf(value)).toContain('truncated');
  });

  it('BAD-INPUT: tells apart two long names that begin alike', () => {
    const [one, other] = [`${'n'.repeat(1_000)}a`, `${'n'.repeat(1_000)}b`];
    expect(Object.keys(take({ [one]: 1, [other]: 2 }) as object)).toHaveLength(2);
  });

  it('BAD-INPUT: never throws, and is always canonical, bounded and well-formed', () => {
    fc.assert(
      fc.property(anything, fc.constantFrom(0, 50, 500, LIMIT), (value, limit) => {
        const copy = take(value, limit);
        const text = canonicalize(copy ?? null);
        expect(canonicalize(JSON.parse(text))).toBe(text);
        expect(text).not.toMatch(/\0|\p{Surrogate}/u);
        expect(readTagged(copy ?? null)).toBeDefined();
        expect(copy === undefined).toBe(value === undefined);
        expect(Buffer.byteLength(text)).toBeLessThan(limit * 6 + SLACK);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('Snapshot of each hostile thing', () => {
  it.each(Array.from({ length: 15 }, (_, i) => i))('BAD-INPUT: keeps the neighbours of number %i', (i) => {
    expect(() => canonicalize(take(HOSTILE[i]))).not.toThrow();
    expect(read([1, { inner: HOSTILE[i] }, 2])).toMatchObject([1, {}, 2]);
  });
});

function endlessGetters(): object {
  return {
    get left(): object {
      return endlessGetters();
    },
    get right(): object {
      return endlessGetters();
    },
  };
}

function manyPaths(): unknown {
  let value: unknown = 'leaf';
  for (let i = 0; i < 15; i += 1) value = Array.from({ length: 12 }, () => value);
  return value;
}

const HOSTILE: readonly unknown[] = [
  Symbol('s'),
  (): number => 1,
  new Proxy({}, { ownKeys: throwing }),
  new Proxy({}, { get: throwing }),
  new Proxy([], { getPrototypeOf: throwing }),
  { toJSON: throwing },
  Object.defineProperty({}, 'password', { enumerable: true, get: throwing }),
  Promise.resolve(1),
  new Error('with a \0'),
  '\ud800',
  '~x:redacted',
  Object.create(Date.prototype),
  Object.create(Map.prototype),
  Object.create(Error.prototype),
  Object.create(Uint8Array.prototype),
];

function throwing(): never {
  throw new Error('no');
}

/** Something hostile inside something that can be printed. */
const hostile = fc
  .nat(HOSTILE.length - 1)
  .map((i) => ({ inner: HOSTILE[i], [fc.toStringMethod]: () => `hostile ${i}` }));

const anything = fc.anything({
  maxDepth: 4,
  values: [
    hostile,
    fc.string({ unit: 'binary' }),
    fc.string(),
    fc.double(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
  ],
  key: fc.oneof(
    fc.string(),
    fc.constantFrom('__proto__', 'toJSON', 'password', 'name', 'value', 'constructor', '\0', '\udc00'),
  ),
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withNullPrototype: true,
  withObjectString: true,
  withSparseArray: true,
});

describe('Snapshot of secrets', () => {
  const SECRET = 'hunter2-hunter2';

  it.each<[string, unknown]>([
    ['a member', { password: SECRET }],
    ['any spelling', { passWord: SECRET, 'X-Api-Key': SECRET, 'a.b[3].client_secret': SECRET }],
    ['any depth', { a: [{ b: [[{ c: { refresh_token: SECRET } }]] }] }],
    [
      'whatever its value is',
      { token: [SECRET], secret: { deep: SECRET }, apiKey: new Map([['x', SECRET]]), pin: 4_711_815 },
    ],
    ['a map', new Map([['authorization', SECRET]])],
    ['a map within a map with odd keys', new Map([[1, new Map([['cookie', SECRET]])]])],
    [
      'a list of pairs',
      [
        ['accept', 'x'],
        ['Authorization', SECRET],
      ],
    ],
    [
      'a map of pairs',
      new Map<unknown, unknown>([
        ['token', SECRET],
        [5, 1],
      ]),
    ],
    ['a form field', [{ name: 'password', value: SECRET }]],
    ['a header', { headers: [{ key: 'X-Api-Key', value: SECRET }] }],
    [
      'a validation error',
      {
        errors: [
          { path: 'password', value: SECRET },
          { property: 'client_secret', value: SECRET },
        ],
      },
    ],
    ['a patch', [{ op: 'replace', path: '/password', value: SECRET }]],
    ['a list of changes', [{ field: 'password', old: SECRET, new: `${SECRET}!` }]],
    ['query parameters', new URLSearchParams({ token: SECRET, page: '2' })],
    ['headers', new Headers({ cookie: SECRET })],
    ['a text that is JSON', JSON.stringify({ deep: [{ password: SECRET }] })],
    ['a URL', `https://a.example/reset?token=${SECRET}&page=2`],
    ['the text of an error', new Error(`login failed: password=${SECRET}`)],
    ['the cause of an error', new Error('x', { cause: new Error(`Authorization: Bearer ${SECRET}`) })],
    ['a name', { [`password=${SECRET}`]: 1 }],
    ['what speaks for itself', { toJSON: () => ({ password: SECRET }) }],
    [
      'a getter',
      {
        get password() {
          return SECRET;
        },
      },
    ],
  ])('P37: hides what stands under a secret name in %s', (_, value) => {
    const text = JSON.stringify(take(value));
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain('4711815');
    expect(text).toContain('redacted');
  });

  it('P37: leaves alone what only sounds like one, and shows flags and absences', () => {
    const value = {
      author: 'Jane',
      tokens_used: 5,
      passenger: 'Joe',
      monkey: 1,
      has_password: true,
      password: null,
      token: false,
      list: ['name', 'email'],
      field: { name: 'colour', value: 'red' },
    };
    expect(take(value)).toEqual(value);
  });

  it('P37: hides a card number that comes as a number or a big integer', () => {
    expect(take([4_111_111_111_111_111, 4111111111111111n, 4_111_111_111_111_112])).toEqual([
      '~x:redacted',
      '~x:redacted',
      4_111_111_111_111_112,
    ]);
  });

  it('P37: hides before it cuts, so that neither the beginning nor the digest tells', () => {
    const text = `${'x'.repeat(90)} password=${SECRET} ${'y'.repeat(500)}`;
    const copy = take(text, 110) as string;
    expect(copy).toContain(' password=[redacted]'.slice(0, 12));
    expect(copy).not.toContain('hunter');
    expect(copy).toContain(sha256(text.replace(SECRET, '[redacted]')));
  });
});

describe('Snapshot.text', () => {
  function text(value: unknown, limit: number = 100): [string | undefined, Flag[]] {
    const snapshot = new Snapshot(LIMIT, new Redactor());
    return [snapshot.text(value, limit), [...snapshot.flags].sort()];
  }

  it.each<[unknown, string | undefined, Flag[]]>([
    [undefined, undefined, []],
    [null, undefined, []],
    ['', '', []],
    ['Jane', 'Jane', []],
    ['~n:5', '~s:~n:5', []],
    ['a\0', 'a\ufffd', ['sanitized']],
    ['Bearer abcdefghijkl.mnop', 'Bearer [redacted]', []],
    [5, '5', ['invalid_input']],
    [5n, '5', ['invalid_input']],
    [true, 'true', ['invalid_input']],
    [new Date(0), '1970-01-01T00:00:00.000Z', ['invalid_input']],
    [{ a: [1, 'b'] }, '{"a":[1,"b"]}', ['invalid_input']],
    [{ toJSON: () => '507f1f77bcf86cd799439011' }, '507f1f77bcf86cd799439011', ['invalid_input']],
    [() => 1, '[function]', ['invalid_input']],
    [Symbol('s'), '[symbol]', ['invalid_input']],
  ])('makes of %o the text %j', (value, expected, flags) => {
    expect(text(value)).toEqual([expected, flags]);
  });

  it('keeps the length and the digest of what it cuts, of the text as it was, however it began', () => {
    for (const long of ['é'.repeat(80), `~n:${'1'.repeat(200)}`]) {
      const [cut, flags] = text(long);
      expect(cut).toBe(
        `~t:${Buffer.byteLength(long)}:${sha256(long)}:${long.slice(0, long.startsWith('é') ? 50 : 100)}`,
      );
      expect(flags).toEqual(['truncated']);
    }
  });

  it('hides what stands under a secret name in an object given for a text', () => {
    expect(text({ password: 'hunter2' })[0]).toBe('{"password":"[redacted]"}');
  });

  it('BAD-INPUT: does not write out a graph that is endless when written out', () => {
    expect(String(text(manyPaths())[0]).length).toBeLessThan(300);
  });

  it('uses up the room that everything shares', () => {
    const snapshot = new Snapshot(1_000);
    for (let i = 0; i < 12; i += 1) snapshot.text('x'.repeat(90), 500);
    expect(snapshot.left).toBeLessThanOrEqual(0);
    expect(snapshot.take({ a: 1 })).toEqual({ '~cut': '~x:cut' });
  });
});

describe('Snapshot of a text far too long', () => {
  it('P37: keeps no part of a secret, wherever it stands', () => {
    for (let at = LIMIT - 60; at < LIMIT + 20; at += 1) {
      const text = `${'x'.repeat(at)}&password=hunter2hunter2&${'y'.repeat(20_000)}`;
      expect(read(text)).not.toContain('hunter');
    }
  });

  it('P37: shows nothing behind a secret that took up all that was looked at', () => {
    const pem = `-----BEGIN PRIVATE KEY-----\n${'MIIE'.repeat(20_000)}\n-----END PRIVATE KEY-----`;
    expect(read(`${pem} password=hunter2`)).not.toMatch(/MIIE|hunter/);
  });

  it('BAD-INPUT: looks through no more of it than can be kept', () => {
    const redactor = new Redactor();
    const looked: number[] = [];
    redactor.mask = (text) => {
      looked.push(text.length);
      return text;
    };
    new Snapshot(LIMIT, redactor).take('a='.repeat(5_000_000));
    expect(Math.max(...looked)).toBeLessThan(LIMIT * 2);
  });
});
