import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { leafHash } from '../integrity/hash.js';
import { commit, type Entry, entryLeaf, type EventCore, payloadDigest } from './entry.js';

const CORE: Omit<EventCore, 'payload_digest'> = {
  v: 1,
  id: '0195f0a3-7c00-7abc-8abc-000000000001',
  action: 'READ',
  outcome: 'success',
  source: 'read',
  actor: { type: 'user', id: '17' },
  tenant_id: undefined,
  target: { type: 'Patient', id: '42' },
  subject_id: '42',
  process: { id: 'abcdef0123456789', n: 3 },
  count: undefined,
};

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

describe('commit', () => {
  it('stores the payload as the canonical text that it hashed', () => {
    const { payload, salt, core } = commit(CORE, { b: 1, a: { d: 'é', c: [] }, absent: undefined }, {});
    expect(payload).toBe('{"a":{"c":[],"d":"é"},"b":1}');
    const bytes = Buffer.concat([Buffer.from(String(salt), 'hex'), Buffer.from(String(payload))]);
    expect(core.payload_digest).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('gives every payload a salt of its own, so that equal payloads have different digests', () => {
    const entries = Array.from({ length: 2_000 }, () => commit(CORE, { a: 1 }, {}));
    for (const { salt } of entries) expect(salt).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(entries.map((entry) => entry.salt)).size).toBe(2_000);
    expect(new Set(entries.map((entry) => entry.core.payload_digest)).size).toBe(2_000);
  });

  it('leaves the core it was given as it was', () => {
    const core = Object.freeze({ ...CORE });
    expect(commit(core, {}, {}).core).toEqual({
      ...CORE,
      payload_digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });
});

describe('payloadDigest', () => {
  it('is SHA-256 over the salt and the text of the payload', () => {
    expect(payloadDigest('00'.repeat(16), '{}')).toBe(
      createHash('sha256').update(Buffer.alloc(16)).update('{}').digest('hex'),
    );
  });

  it('changes with every bit of salt and payload', () => {
    const salts = ['00'.repeat(16), `01${'00'.repeat(15)}`, `${'00'.repeat(15)}80`];
    const digests = salts.flatMap((salt) =>
      ['{"a":1}', '{"a":2}', '{"a":1} '].map((text) => payloadDigest(salt, text)),
    );
    expect(new Set(digests).size).toBe(9);
  });
});

describe('entryLeaf', () => {
  const entry: Entry = {
    core: { ...CORE, payload_digest: 'ab'.repeat(32) },
    payload: '{"reason":"x"}',
    salt: '00'.repeat(16),
    search: { role: 'dentist' },
  };

  it('is the hash of the canonical core alone', () => {
    const text =
      '{"action":"READ","actor":{"id":"17","type":"user"},"id":"0195f0a3-7c00-7abc-8abc-000000000001",' +
      `"outcome":"success","payload_digest":"${'ab'.repeat(32)}","process":{"id":"abcdef0123456789","n":3},` +
      '"source":"read","subject_id":"42","target":{"id":"42","type":"Patient"},"v":1}';
    expect(hex(entryLeaf(entry))).toBe(hex(leafHash(text)));
  });

  it('stands when payload, salt and search columns are erased', () => {
    const erased = { core: entry.core, payload: null, salt: null, search: {} };
    expect(hex(entryLeaf(erased))).toBe(hex(entryLeaf(entry)));
  });

  it.each<Partial<EventCore>>([
    { v: 2 },
    { id: '0195f0a3-7c00-7abc-8abc-000000000002' },
    { action: 'UPDATE' },
    { outcome: 'denied' },
    { source: 'manual' },
    { actor: { type: 'service', id: '17' } },
    { actor: { type: 'user', id: '18' } },
    { actor: { type: 'user' } },
    { tenant_id: 'a' },
    { target: { type: 'Invoice', id: '42' } },
    { target: { type: 'Patient', id: '43' } },
    { target: undefined },
    { subject_id: undefined },
    { process: { id: 'abcdef0123456789', n: 4 } },
    { process: undefined },
    { count: 2 },
    { payload_digest: 'ac'.repeat(32) },
  ])('is another when the core holds %j', (change) => {
    expect(hex(entryLeaf({ ...entry, core: { ...entry.core, ...change } }))).not.toBe(hex(entryLeaf(entry)));
  });

  it('is the same whether what is absent is undefined or not there', () => {
    const { tenant_id: _, count: __, ...sparse } = entry.core;
    expect(hex(entryLeaf({ ...entry, core: sparse }))).toBe(hex(entryLeaf(entry)));
  });
});
