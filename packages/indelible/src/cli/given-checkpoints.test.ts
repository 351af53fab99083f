import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { type Place, somewhere } from '../../test/sqlite-trail.js';
import { fileAnchor } from '../anchors/file-anchor.js';
import { recordOf } from '../anchors/file-record.js';
import { signCheckpoint } from '../integrity/checkpoint.js';
import { leafHash } from '../integrity/hash.js';
import { SigningKey } from '../integrity/note-key.js';
import { checkpointsIn } from './given-checkpoints.js';
import { Terminal } from './terminal.js';

const KEY = SigningKey.create('example.com/audit');
const STRANGER = SigningKey.create('example.com/audit');

function note(size: number, key: SigningKey | readonly SigningKey[] = KEY): string {
  return signCheckpoint({ origin: KEY.name, size, root: leafHash(String(size)) }, key);
}

describe('a file of checkpoints', () => {
  let place: Place;
  let said: string;

  beforeEach(() => {
    place = somewhere('checkpoints.txt');
    said = '';
  });
  afterEach(() => place.remove());

  async function read(keys = [KEY.verifierKey]): Promise<string[]> {
    const stream = { write: (text: string) => (said += text) };
    const found = await checkpointsIn(place.path, keys, new Terminal(stream, stream, {}));
    expect(found.every(({ name }) => name === place.path)).toBe(true);
    return found.map((one) => one.note);
  }

  it.each([
    ['one note', note(1), [note(1)]],
    ['one note that two keys signed', note(1, [KEY, STRANGER]), [note(1, [KEY, STRANGER])]],
    ['one without its last line end', note(1).trimEnd(), [note(1)]],
    ['one with the line ends of Windows', note(1).replaceAll('\n', '\r\n'), [note(1)]],
    ['several', `${note(1)}${note(2)}${note(3)}`, [note(1), note(2), note(3)]],
    ['several with lines between them', `\n${note(1)}\n\n${note(2)}\n`, [note(1), note(2)]],
  ])('gives what it holds as %s', async (_name, text, expected) => {
    writeFileSync(place.path, text);
    expect(await read()).toEqual(expected);
    expect(said).toBe('');
  });

  it('gives all that a file anchor has kept in it, and passes over what is torn', async () => {
    const anchor = fileAnchor({ path: place.path });
    await anchor.put({ size: 1, note: note(1) });
    appendFileSync(place.path, recordOf(note(2)).subarray(0, 150));
    await anchor.put({ size: 3, note: note(3) });
    expect(await read()).toEqual([note(1), note(3)]);
    expect(said).toBe('');
  });

  it('passes over what somebody else put into an anchor, and says so', async () => {
    const anchor = fileAnchor({ path: place.path });
    await anchor.put({ size: 9, note: note(9, STRANGER) });
    await anchor.put({ size: 1, note: note(1) });
    expect(await read()).toEqual([note(1)]);
    expect(said).toMatch(
      /^1 of the 2 checkpoints in .* are signed by none of the keys, and passed over\.\n$/,
    );
    await expect(read([SigningKey.create(KEY.name).verifierKey])).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringMatching(/None of the 2 checkpoints.*keys of the time/) as string,
    });
  });

  it('takes the latest of very many, the first, and fewer of those between', async () => {
    const notes = Array.from({ length: 2_200 }, (_, n) => note(n + 1));
    writeFileSync(place.path, Buffer.concat(notes.map(recordOf)));
    const found = await read();
    expect(found.length).toBeLessThanOrEqual(1_000);
    expect(found[0]).toBe(notes[0]);
    expect(found.slice(-500)).toEqual(notes.slice(-500));
    expect(said).toMatch(
      /^Of the 2200 checkpoints in .*, \d+ are used: the latest, and some of those before\.\n$/,
    );
  });

  it.each([
    ['nothing', ''],
    ['prose', 'These are the checkpoints of March.\n'],
    ['a key', `${KEY.verifierKey}\n`],
    ['a note without its signature', `${note(1).split('\n\n')[0]}\n\n`],
    ['a signature without its note', note(1).slice(note(1).indexOf('\u2014'))],
    ['a note with something behind it', `${note(1)}and more\n`],
    ['the torn record of an anchor', recordOf(note(1)).subarray(0, 90).toString()],
  ])('is refused when it holds %s', async (_name, text) => {
    writeFileSync(place.path, text);
    await expect(read()).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringMatching(/neither a checkpoint nor the file of an anchor\. Give/) as string,
    });
    expect(readFileSync(place.path, 'utf8')).toBe(text);
  });

  it('is told of when it is not there, or is a folder', async () => {
    await expect(read()).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    place = { ...place, path: place.path.replace(/\/[^/]*$/, '') };
    await expect(read()).rejects.toThrow(/is no file/);
  });
});
