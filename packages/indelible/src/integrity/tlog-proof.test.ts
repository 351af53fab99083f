import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { signCheckpoint } from './checkpoint.js';
import { leafHash } from './hash.js';
import { SigningKey, VerifierKey } from './note-key.js';
import { inclusionProof } from './proof.js';
import { openProof, type ProofParts, writeProof } from './tlog-proof.js';
import { rootOf } from './tree.js';
import { verifyInclusion } from './verify-proof.js';

const KEY = SigningKey.create('example.com/audit');
const VERIFIER = VerifierKey.parse(KEY.verifierKey);
const HASHES = Array.from({ length: 11 }, (_, index) => leafHash(`leaf ${index}`));
const ROOT = rootOf(HASHES);
const CHECKPOINT = signCheckpoint({ origin: 'example.com/audit', size: 11, root: ROOT }, KEY);
const TEXT = proofOf(6);

function proofOf(index: number, extra?: Uint8Array): string {
  return writeProof({ index, proof: inclusionProof(HASHES, index), checkpoint: CHECKPOINT, extra });
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/** Whether a text proves that the log has the leaf. */
function proves(text: string, hash: Uint8Array): boolean {
  const opened = openProof(text, [VERIFIER]);
  return opened !== undefined && verifyInclusion({ ...opened, leafHash: hash });
}

/** All texts that one character was taken from, or changed in. */
function edits(text: string): string[] {
  return Array.from(text, (_, at) =>
    ['', '0', '1', 'A', '=', '\n', '\r', ' ', '\u2014'].map(
      (other) => text.slice(0, at) + other + text.slice(at + 1),
    ),
  )
    .flat()
    .filter((edit) => edit !== text);
}

describe('a proof in a file', () => {
  it('has the lines of c2sp.org/tlog-proof@v1', () => {
    const hashes = inclusionProof(HASHES, 6).map(base64);
    expect(hashes).toHaveLength(4);
    expect(TEXT).toBe(`c2sp.org/tlog-proof@v1\nindex 6\n${hashes.join('\n')}\n\n${CHECKPOINT}`);
    expect(proofOf(6, Buffer.from('more'))).toBe(TEXT.replace('index', 'extra bW9yZQ==\nindex'));
  });

  it('proves its leaf, and no other', () => {
    for (let index = 0; index < 11; index += 1) {
      const proven = HASHES.flatMap((hash, at) => (proves(proofOf(index), hash) ? [at] : []));
      expect(proven).toEqual([index]);
    }
  });

  it('says what it was written of', () => {
    const proof = inclusionProof(HASHES, 6);
    const extra = Buffer.from('more');
    const opened = { origin: 'example.com/audit', size: 11n, root: ROOT, signedBy: [KEY.id] };
    expect(openProof(TEXT, [VERIFIER])).toEqual({ ...opened, index: 6n, proof });
    expect(openProof(proofOf(6, extra), [VERIFIER])).toEqual({ ...opened, index: 6n, proof, extra });
    expect(openProof(proofOf(6, new Uint8Array(0)), [VERIFIER])).toEqual({ ...opened, index: 6n, proof });
  });

  it('has no lines of hashes for the only leaf of a log', () => {
    const hash = leafHash('only');
    const checkpoint = signCheckpoint({ origin: 'log', size: 1n, root: hash }, KEY);
    const text = writeProof({ index: 0n, proof: [], checkpoint });
    expect(text).toBe(`c2sp.org/tlog-proof@v1\nindex 0\n\n${checkpoint}`);
    expect(proves(text, hash)).toBe(true);
  });

  it('proves nothing to whom its signer is unknown', () => {
    const stranger = VerifierKey.parse(SigningKey.create('example.com/audit').verifierKey);
    expect(openProof(TEXT, [stranger])).toBeUndefined();
    expect(openProof(TEXT, [])).toBeUndefined();
  });

  it('proves nothing after a change of any character', () => {
    const hash = HASHES[6] as Uint8Array;
    expect(proves(TEXT, hash)).toBe(true);
    expect(edits(TEXT).filter((text) => proves(text, hash))).toEqual([]);
  });

  const [HASH_LINE = ''] = inclusionProof(HASHES, 6).map(base64);

  it.each([
    ['line breaks of another system', TEXT.replaceAll('\n', '\r\n')],
    ['another version', TEXT.replace('@v1', '@v2')],
    ['something before it', ` ${TEXT}`],
    ['no index', TEXT.replace('index 6\n', '')],
    ['a negative index', TEXT.replace('index 6', 'index -6')],
    ['a leading zero', TEXT.replace('index 6', 'index 06')],
    ['two spaces before the index', TEXT.replace('index 6', 'index  6')],
    ['an index of more than 64 bits', TEXT.replace('index 6', 'index 18446744073709551616')],
    ['extra data behind the index', TEXT.replace('index 6', 'index 6\nextra bW9yZQ==')],
    ['extra data twice', TEXT.replace('index 6', 'extra bW9yZQ==\nextra bW9yZQ==\nindex 6')],
    ['empty extra data', TEXT.replace('index 6', 'extra \nindex 6')],
    ['extra data in another spelling', TEXT.replace('index 6', 'extra bW9yZR==\nindex 6')],
    ['a hash that is too short', TEXT.replace(HASH_LINE, base64(new Uint8Array(31)))],
    ['a hash without padding', TEXT.replace(HASH_LINE, HASH_LINE.replace('=', ''))],
    ['more hashes than a proof can have', TEXT.replace(HASH_LINE, `${HASH_LINE}\n`.repeat(61) + HASH_LINE)],
    ['a million hashes', TEXT.replace(HASH_LINE, `${HASH_LINE}\n`.repeat(1_000_000) + HASH_LINE)],
    ['no empty line before the checkpoint', TEXT.replace('\n\n', '\n')],
    ['two empty lines before the checkpoint', TEXT.replace('\n\n', '\n\n\n')],
    ['no checkpoint', TEXT.slice(0, TEXT.indexOf('\n\n') + 2)],
    ['something behind it', `${TEXT}x`],
    ['more extra data than there is room for', TEXT.replace('index', `extra ${'A'.repeat(300_000)}\nindex`)],
    ['nothing', ''],
  ])('is not opened with %s', (_, text) => {
    expect(openProof(text, [VERIFIER])).toBeUndefined();
  });

  it('is never opened from anything else, and never throws', () => {
    const lines = fc.constantFrom(...TEXT.split('\n'), 'extra bW9yZQ==', 'index 7', '');
    const noise = fc.array(lines, { maxLength: 20 }).map((list) => list.join('\n'));
    fc.assert(
      fc.property(fc.oneof(noise, fc.anything()), (text) => {
        const opened = openProof(text as string, [VERIFIER]);
        expect(opened === undefined || opened.size === 11n).toBe(true);
        expect(opened === undefined || !verifyInclusion({ ...opened, leafHash: leafHash('none') })).toBe(
          true,
        );
      }),
      { numRuns: 1000 },
    );
  });

  it.each<[string, Partial<ProofParts>]>([
    ['a negative index', { index: -1 }],
    ['half an index', { index: 0.5 }],
    ['an index of more than 64 bits', { index: 2n ** 64n }],
    ['a hash that is too short', { proof: [new Uint8Array(31)] }],
    ['more extra data than there is room for', { extra: new Uint8Array(200_000) }],
    ['more hashes than a proof can have', { proof: Array.from({ length: 65 }, () => ROOT) }],
  ])('is not written with %s', (_, wrong) => {
    const attempt = (): string => writeProof({ index: 0, proof: [], checkpoint: CHECKPOINT, ...wrong });
    expect(attempt).toThrow(expect.objectContaining({ code: 'NOT_PROVABLE' }));
  });
});
