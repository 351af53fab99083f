import { readFileSync } from 'node:fs';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { openCheckpoint, signCheckpoint } from './checkpoint.js';
import { sha256 } from './hash.js';
import { SigningKey, VerifierKey } from './note-key.js';
import { signNote } from './note.js';

const { checkpoint: KNOWN } = JSON.parse(
  readFileSync(new URL('known-answers.json', import.meta.url), 'utf8'),
) as {
  checkpoint: { verifierKey: string; origin: string; size: number; root: string; note: string };
};
/** The published key of golang.org/x/mod/sumdb/note, which signs the same to the byte every time. */
const GO = SigningKey.parse('PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz');
const KEY = SigningKey.create('example.com/audit');
const VERIFIER = VerifierKey.parse(KEY.verifierKey);
const ROOT = sha256('root');
const BASE64 = Buffer.from(ROOT).toString('base64');

/** Whether a text, well signed, is a checkpoint. */
function opens(text: string): boolean {
  return openCheckpoint(signNote(text, [KEY]), [VERIFIER]) !== undefined;
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

describe('a checkpoint', () => {
  it('is opened as the checksum database of Go signed it', () => {
    const key = VerifierKey.parse(KNOWN.verifierKey);
    const root = Buffer.from(KNOWN.root, 'hex');
    expect(openCheckpoint(KNOWN.note, [key])).toEqual({
      origin: KNOWN.origin,
      size: BigInt(KNOWN.size),
      root,
      signedBy: [key.id],
    });
    expect(openCheckpoint(KNOWN.note.replace('20852163', '20852164'), [key])).toBeUndefined();
  });

  it('is three lines, an empty one and a signature', () => {
    const checkpoint = { origin: 'example.com/audit', size: 20_852_163, root: ROOT };
    const note = signCheckpoint(checkpoint, GO);
    const text = `example.com/audit\n20852163\n${BASE64}\n`;
    const signature = Buffer.concat([Buffer.from(GO.id, 'hex'), GO.sign(text)]).toString('base64');
    expect(note).toBe(`${text}\n\u2014 PeterNeumann ${signature}\n`);
  });

  it('says what was signed, and by whom', () => {
    const name = fc.stringMatching(/^[a-z0-9./-]{1,40}$/);
    const size = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(name, size, hash, (origin, count, root) => {
        const opened = openCheckpoint(signCheckpoint({ origin, size: count, root }, KEY), [VERIFIER]);
        expect(opened).toEqual({ origin, size: count, root: Buffer.from(root), signedBy: [KEY.id] });
      }),
      { numRuns: 100 },
    );
  });

  it('takes its size as a number or a big integer', () => {
    for (const size of [0, 1, 2 ** 53 - 1]) {
      const [one, other] = [size, BigInt(size)].map((count) =>
        signCheckpoint({ origin: 'log', size: count, root: ROOT }, KEY),
      );
      expect(one).toBe(other);
    }
  });

  it('is signed by an old key and a new one while they are changed', () => {
    const next = SigningKey.create('example.com/audit');
    const note = signCheckpoint({ origin: 'example.com/audit', size: 7, root: ROOT }, [KEY, next]);
    const later = VerifierKey.parse(next.verifierKey);
    expect(openCheckpoint(note, [VERIFIER])?.signedBy).toEqual([KEY.id]);
    expect(openCheckpoint(note, [later])?.signedBy).toEqual([next.id]);
    expect(openCheckpoint(note, [later, VERIFIER])?.signedBy).toEqual([KEY.id, next.id]);
    const stranger = VerifierKey.parse(SigningKey.create('example.com/audit').verifierKey);
    expect(openCheckpoint(note, [stranger])).toBeUndefined();
  });

  it('may be followed by lines that others have a use for', () => {
    const text = `example.com/audit\n7\n${BASE64}\n`;
    expect(opens(text)).toBe(true);
    expect(opens(`${text}an extension\nand another\n`)).toBe(true);
    expect(opens(`${text}\nbehind an empty line\n`)).toBe(false);
    expect(opens(`${text}\n`)).toBe(false);
  });

  it('may be of a log with any name', () => {
    for (const origin of ['go.sum database tree', 'a+b', ' ', '診療所'])
      expect(opens(`${origin}\n7\n${BASE64}\n`)).toBe(true);
  });

  it.each([
    ['no origin', `\n7\n${BASE64}\n`],
    ['no size', `log\n\n${BASE64}\n`],
    ['no root', 'log\n7\n'],
    ['an empty root', 'log\n7\n\n'],
    ['only an origin', 'log\n'],
    ['an empty line first', `\nlog\n7\n${BASE64}\n`],
    ['a leading zero', `log\n07\n${BASE64}\n`],
    ['two zeros', `log\n00\n${BASE64}\n`],
    ['a sign', `log\n+7\n${BASE64}\n`],
    ['a negative size', `log\n-7\n${BASE64}\n`],
    ['a size in hexadecimal', `log\n0x7\n${BASE64}\n`],
    ['a size with an exponent', `log\n1e3\n${BASE64}\n`],
    ['a size with a fraction', `log\n7.0\n${BASE64}\n`],
    ['a space before its size', `log\n 7\n${BASE64}\n`],
    ['a space behind its size', `log\n7 \n${BASE64}\n`],
    ['digits of another script', `log\n٧\n${BASE64}\n`],
    ['a size of more than 64 bits', `log\n18446744073709551616\n${BASE64}\n`],
    ['a size of a million digits', `log\n${'9'.repeat(100_000)}\n${BASE64}\n`],
    ['a root that is too short', `log\n7\n${Buffer.alloc(31).toString('base64')}\n`],
    ['a root that is too long', `log\n7\n${Buffer.alloc(33).toString('base64')}\n`],
    ['a root in hexadecimal', `log\n7\n${Buffer.from(ROOT).toString('hex')}\n`],
    ['a root in base64 for addresses', `log\n7\n${Buffer.alloc(32, 255).toString('base64url')}=\n`],
    ['a root without padding', `log\n7\n${BASE64.replace('=', '')}\n`],
    ['a root in another spelling', `log\n7\n${'A'.repeat(42)}B=\n`],
    ['a space behind its root', `log\n7\n${BASE64} \n`],
  ])('is not opened with %s, however well it is signed', (_, text) => {
    expect(opens(text)).toBe(false);
  });

  it('opens at the largest size of 64 bits, and with a root of zeros', () => {
    expect(opens(`log\n7\n${'A'.repeat(43)}=\n`)).toBe(true);
    expect(opens(`log\n18446744073709551615\n${BASE64}\n`)).toBe(true);
  });

  it('is not opened after a change of any character', () => {
    const note = signCheckpoint({ origin: 'example.com/audit', size: 10, root: ROOT }, KEY);
    expect(edits(note).filter((edit) => openCheckpoint(edit, [VERIFIER]))).toEqual([]);
  });

  it('is never opened from anything else, and never throws', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (note, keys) => {
        expect(openCheckpoint(note as string, [VERIFIER])).toBeUndefined();
        expect(openCheckpoint(note as string, keys as VerifierKey[])).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['without a name', { origin: '' }],
    ['with a space in its name', { origin: 'the log' }],
    ['with a plus in its name', { origin: 'a+b' }],
    ['with a line break in its name', { origin: 'log\n7' }],
    ['with half a character in its name', { origin: 'log\ud800' }],
    ['of half a leaf', { size: 1.5 }],
    ['of fewer than no leaves', { size: -1 }],
    ['of more leaves than a number can tell', { size: 2 ** 53 }],
    ['of more than 64 bits', { size: 2n ** 64n }],
    ['with a root that is too short', { root: new Uint8Array(31) }],
    ['with a root that is none', { root: 'root' as unknown as Uint8Array }],
  ])('is not signed %s', (_, wrong) => {
    const attempt = (): string => signCheckpoint({ origin: 'log', size: 7, root: ROOT, ...wrong }, KEY);
    expect(attempt).toThrow(expect.objectContaining({ code: 'NOT_PROVABLE' }));
  });

  it('is not signed without a key', () => {
    const attempt = (): string => signCheckpoint({ origin: 'log', size: 7, root: ROOT }, []);
    expect(attempt).toThrow(expect.objectContaining({ code: 'NOT_PROVABLE' }));
  });
});
