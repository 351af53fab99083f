import { describe, expect, it } from 'vitest';

import { canonicalize } from '../integrity/canonical.js';
import { CoreBytes, HASHED_COLUMNS } from './core-bytes.js';

type Value = string | null;
type Texts = Readonly<Record<(typeof HASHED_COLUMNS)[number], Value>>;

interface Core {
  readonly texts: Texts;
  readonly v: number;
  readonly n: number;
  readonly count: number | null;
}

const ID = '0195f0a3-7c00-7abc-8abc-000000000001';
const PLAIN: Core = {
  texts: {
    id: ID,
    action: 'READ',
    outcome: 'success',
    source: 'read',
    actor_type: 'user',
    actor_id: '17',
    tenant_id: 'clinic',
    target_type: 'Patient',
    target_id: '42',
    subject_id: '42',
    process_id: 'abcdef0123456789',
    payload_digest: 'ab'.repeat(32),
  },
  v: 1,
  n: 3,
  count: 2,
};

/** What a text can hold that is written otherwise, or in more than one byte. */
const ODD = [
  '',
  '"',
  '\\',
  String.raw`\ud800`,
  '\u0001\u0008\t\n\u000b\f\r\u001f',
  'x\u007f\u0080\u2028\u2029',
  'é€',
  '😀',
  'a"é\\😀\n',
  '\u001f'.repeat(400),
  'x'.repeat(5_000),
];
const NUMBERS = [0, 1, 9, 10, 255, 2 ** 31, 2 ** 53 - 1, 2 ** 63, -1, -10, -(2 ** 53)];

/** The same core as it is made of columns that were decoded. */
function canonical({ texts, v, n, count }: Core): string {
  const text = (name: keyof Texts): string | undefined => texts[name] ?? undefined;
  return canonicalize({
    v,
    id: text('id'),
    action: text('action'),
    outcome: text('outcome'),
    source: text('source'),
    actor: { type: text('actor_type'), id: text('actor_id') },
    tenant_id: text('tenant_id') || undefined,
    target: texts.target_type === null ? undefined : { type: texts.target_type, id: text('target_id') },
    subject_id: text('subject_id'),
    process: texts.process_id === null ? undefined : { id: texts.process_id, n },
    count: count ?? undefined,
    payload_digest: text('payload_digest'),
  });
}

/** Its columns one behind the other, with something else between them. */
function written(core: CoreBytes, { texts, v, n, count }: Core): string {
  const [from, to] = [new Int32Array(HASHED_COLUMNS.length), new Int32Array(HASHED_COLUMNS.length)];
  const parts: Buffer[] = [];
  let at = 0;
  for (const [place, name] of HASHED_COLUMNS.entries()) {
    const bytes = columnBytes(name, texts[name]);
    parts.push(Buffer.from('??'), bytes);
    from[place] = texts[name] === null ? -1 : at + 2;
    at += 2 + bytes.length;
    to[place] = at;
  }
  const leaf = Buffer.from(
    core.of({ bytes: Buffer.concat(parts), from, to, v, n, count: count ?? Number.NaN }),
  );
  expect(leaf[0]).toBe(0);
  return leaf.toString('utf8', 1);
}

function columnBytes(name: string, value: Value): Buffer {
  if (name === 'id') return Buffer.from((value ?? '').replaceAll('-', ''), 'hex');
  return Buffer.from(value ?? '', name === 'payload_digest' ? 'hex' : 'utf8');
}

/** Every way in which one core differs from the plain one in one thing, or in two. */
function* cores(): Generator<Core> {
  yield PLAIN;
  for (const name of HASHED_COLUMNS) {
    if (name === 'id' || name === 'payload_digest') continue;
    for (const value of ODD) yield { ...PLAIN, texts: { ...PLAIN.texts, [name]: value } };
  }
  for (const value of NUMBERS)
    yield* [
      { ...PLAIN, v: value },
      { ...PLAIN, n: value },
      { ...PLAIN, count: value },
    ];
  const mayLack = ['actor_id', 'target_type', 'target_id', 'subject_id', 'process_id'] as const;
  for (let which = 0; which < 2 ** mayLack.length; which += 1) {
    const lacking = mayLack.filter((_, bit) => (which >> bit) % 2 === 1);
    const texts = { ...PLAIN.texts, ...Object.fromEntries(lacking.map((name) => [name, null])) };
    yield* [
      { ...PLAIN, texts },
      { ...PLAIN, texts: { ...texts, tenant_id: '' }, count: null },
    ];
  }
  yield { ...PLAIN, texts: { ...PLAIN.texts, id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' } };
}

describe('CoreBytes', () => {
  it('writes the very text that is canonical for the core made of the columns, behind a byte of zero', () => {
    const core = new CoreBytes();
    let count = 0;
    for (const one of cores()) {
      expect(written(core, one)).toBe(canonical(one));
      count += 1;
    }
    expect(count).toBeGreaterThan(200);
  });

  it('tells a column that is NULL from one that holds something', () => {
    const core = new CoreBytes();
    expect(written(core, { ...PLAIN, count: -1 })).not.toBe(written(core, { ...PLAIN, count: null }));
    expect(written(core, { ...PLAIN, texts: { ...PLAIN.texts, actor_id: '' } })).not.toBe(
      written(core, { ...PLAIN, texts: { ...PLAIN.texts, actor_id: null } }),
    );
  });
});
