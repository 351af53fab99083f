import { readFileSync } from 'node:fs';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { SigningKey, VerifierKey } from './note-key.js';
import { openNote, signNote } from './note.js';

interface KnownNote {
  readonly source: string;
  readonly verifierKey: string;
  readonly signingKey?: string;
  readonly text: string;
  readonly note: string;
}

const { notes: KNOWN } = JSON.parse(readFileSync(new URL('known-answers.json', import.meta.url), 'utf8')) as {
  notes: KnownNote[];
};
const KEY = SigningKey.create('example.com/audit');
const VERIFIER = VerifierKey.parse(KEY.verifierKey);
const NOTE = signNote('one line\n', [KEY]);
const LINE = NOTE.slice('one line\n\n'.length);
/** A signature line by somebody nobody knows, with so many bytes of signature. */
const foreignLine = (length = 64): string =>
  `— example.com/witness ${Buffer.alloc(4 + length, 7).toString('base64')}\n`;

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

describe('a signed note', () => {
  it.each(KNOWN)('is opened as published by $source', ({ verifierKey, text, note }) => {
    const key = VerifierKey.parse(verifierKey);
    expect(openNote(note, [key])).toEqual({ text, signedBy: [key.id] });
  });

  it.each(KNOWN.filter(({ signingKey }) => signingKey))(
    'is signed to the byte as published by $source',
    ({ signingKey = '', text, note }) => {
      expect(signNote(text, [SigningKey.parse(signingKey)])).toBe(note);
    },
  );

  it('is signed by several keys, and opened by each of them', () => {
    const [first, second, stranger] = [0, 1, 2].map(() => SigningKey.create('example.com/audit')) as [
      SigningKey,
      SigningKey,
      SigningKey,
    ];
    const note = signNote('text\n', [first, second]);
    const [a, b, c] = [first, second, stranger].map((key) => VerifierKey.parse(key.verifierKey)) as [
      VerifierKey,
      VerifierKey,
      VerifierKey,
    ];
    expect(openNote(note, [b, c, a])?.signedBy).toEqual([first.id, second.id]);
    expect(openNote(note, [b])?.signedBy).toEqual([second.id]);
    expect(openNote(note, [c])).toBeUndefined();
    expect(openNote(note, [])).toBeUndefined();
  });

  it('may have empty lines in its text, which ends at the last of them', () => {
    const text = `a\n\n\n${LINE}\nb\n`;
    expect(openNote(signNote(text, [KEY]), [VERIFIER])?.text).toBe(text);
  });

  it('says who signed once, however often they did', () => {
    expect(openNote(NOTE + LINE, [VERIFIER, VERIFIER])?.signedBy).toEqual([KEY.id]);
  });

  it('is opened beside signers that nobody knows, wherever their lines stand', () => {
    const between = `one line\n\n${foreignLine()}${LINE}${foreignLine(4627)}${foreignLine(1)}`;
    expect(openNote(between, [VERIFIER])).toEqual({ text: 'one line\n', signedBy: [KEY.id] });
  });

  it('ignores a signature that has the name or the id of a known key, but not both', () => {
    const data = Buffer.from(LINE.split(' ')[2] ?? '', 'base64');
    const otherId = `— ${KEY.name} ${Buffer.concat([Buffer.alloc(4), data.subarray(4)]).toString('base64')}\n`;
    const otherName = `— example.com/else ${Buffer.concat([data.subarray(0, 4), Buffer.alloc(64)]).toString('base64')}\n`;
    expect(openNote(NOTE + otherId + otherName, [VERIFIER])?.signedBy).toEqual([KEY.id]);
    expect(openNote(`one line\n\n${otherId}${otherName}`, [VERIFIER])).toBeUndefined();
  });

  it('is spoilt by one wrong signature under the name and id of a known key', () => {
    const wrong = signNote('another line\n', [KEY]).slice('another line\n\n'.length);
    expect(openNote(NOTE + wrong, [VERIFIER])).toBeUndefined();
    expect(openNote(`one line\n\n${wrong}${LINE}`, [VERIFIER])).toBeUndefined();
  });

  it('may bear sixteen signatures as long as there are any, and no more', () => {
    const note = `one line\n\n${foreignLine(4627).repeat(15)}${LINE}`;
    expect(openNote(note, [VERIFIER])?.signedBy).toEqual([KEY.id]);
    expect(openNote(note + foreignLine(1), [VERIFIER])).toBeUndefined();
  });

  it('is not looked at when it is larger than any note', () => {
    const huge = `${'a'.repeat(100_000_000)}\n\n${LINE}`;
    const start = performance.now();
    expect(openNote(huge, [VERIFIER])).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(1000);
    expect(openNote(signNote(`${'a'.repeat(100_000)}\n`, [KEY]), [VERIFIER])).toBeDefined();
  });

  it('is refused after a change of any character, and of any bit of its signature', () => {
    expect(edits(NOTE).filter((note) => openNote(note, [VERIFIER]))).toEqual([]);
    const data = Buffer.from(LINE.split(' ')[2] ?? '', 'base64');
    for (let bit = 0; bit < data.length * 8; bit += 1) {
      const flipped = data.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      const note = `one line\n\n— ${KEY.name} ${Buffer.from(flipped).toString('base64')}\n`;
      expect(openNote(note, [VERIFIER])).toBeUndefined();
    }
  });

  it.each([
    ['line breaks of another system', NOTE.replaceAll('\n', '\r\n')],
    ['a hyphen in the place of the dash', NOTE.replace('—', '-')],
    ['two spaces in a line', NOTE.replace('— ', '—  ')],
    ['something behind the signature', NOTE.replace(/\n$/, ' \n')],
    ['no line break at its end', NOTE.slice(0, -1)],
    ['an empty line at its end', `${NOTE}\n`],
    ['no empty line before the signatures', NOTE.replace('\n\n', '\n')],
    ['no signatures', 'one line\n\n'],
    ['nothing but a signature', `\n\n${LINE}`],
    ['a signature without bytes', NOTE.replace(/ [^ ]+\n$/, ' AAAA\n')],
    ['a signature that is only an id', NOTE.replace(/ [^ ]+\n$/, ' AAAAAA==\n')],
    ['an id of somebody else without a signature', `${NOTE}— example.com/witness AAAAAA==\n`],
    ['a malformed line of somebody else', `${NOTE}— example.com/witness\n`],
    ['base64 of somebody else in another spelling', `${NOTE}— example.com/witness AAAAAAB=\n`],
    ['base64 for addresses', `${NOTE}— example.com/witness AAAAAA_-\n`],
    ['a space in a name', `${NOTE}— example.com/\u00a0witness AAAAAAAA\n`],
    ['a plus in a name', `${NOTE}— example.com+witness AAAAAAAA\n`],
    ['a tab', NOTE.replace('one line', 'one\tline')],
    ['a NUL', NOTE.replace('one line', 'one\0line')],
    ['half a character', NOTE.replace('one line', 'one\ud800line')],
    ['a byte order mark', `\ufeff${NOTE}`],
    ['nothing', ''],
  ])('is refused with %s', (_, note) => {
    expect(openNote(note, [VERIFIER])).toBeUndefined();
  });

  it('is not opened as well by what has the same bytes', () => {
    const note = signNote('one \ufffd line\n', [KEY]);
    expect(openNote(note, [VERIFIER])).toBeDefined();
    expect(openNote(note.replace('\ufffd', '\udc00'), [VERIFIER])).toBeUndefined();
  });

  it('is not opened with what is no key, nor when it is no text', () => {
    const refuse = new Proxy([VERIFIER], {
      get: () => {
        throw new Error('hostile');
      },
    });
    const fake = { name: KEY.name, id: KEY.id, verify: () => true };
    for (const keys of [undefined, null, 1, 'key', {}, [undefined], [fake], refuse])
      expect(openNote(NOTE, keys as VerifierKey[])).toBeUndefined();
    for (const note of [undefined, null, 1, {}, [NOTE], Object(NOTE), Buffer.from(NOTE), Symbol('note')])
      expect(openNote(note as string, [VERIFIER])).toBeUndefined();
  });

  it('is never opened from anything that was not signed, and never throws', () => {
    const parts = fc.constantFrom(
      '\n',
      '\n\n',
      '— ',
      KEY.name,
      ' ',
      LINE,
      foreignLine(),
      'one line\n',
      'AAAA',
      '=',
    );
    const noise = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(parts).map((list) => list.join('')),
    );
    fc.assert(
      fc.property(fc.oneof(noise, fc.anything()), (note) => {
        const opened = openNote(note as string, [VERIFIER]);
        expect(opened === undefined || opened.text === 'one line\n').toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['without a line break at its end', 'text', [KEY]],
    ['empty', '', [KEY]],
    ['with a carriage return', 'text\r\n', [KEY]],
    ['with half a character', '\ud800\n', [KEY]],
    ['without a key', 'text\n', []],
    ['with more keys than are looked at', 'text\n', Array.from({ length: 17 }, () => KEY)],
    ['that is longer than any that is opened', `${'a'.repeat(131_072)}\n`, [KEY]],
  ])('is not made of a text %s', (_, text, keys) => {
    expect(() => signNote(text, keys)).toThrow(expect.objectContaining({ code: 'NOT_PROVABLE' }));
  });
});
