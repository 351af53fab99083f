import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { afterEach, describe, expect, it } from 'vitest';

import { type Place, somewhere } from '../../test/sqlite-trail.js';
import { signCheckpoint } from '../integrity/checkpoint.js';
import { leafHash } from '../integrity/hash.js';
import { SigningKey } from '../integrity/note-key.js';
import type { Anchor, AnchoredCheckpoint } from './anchor.js';
import { fileAnchor } from './file-anchor.js';

const KEY = SigningKey.create('example.com/audit');
const places: Place[] = [];

afterEach(() => {
  for (const place of places.splice(0)) place.remove();
});

function checkpoint(size: number): AnchoredCheckpoint {
  return { size, note: signCheckpoint({ origin: KEY.name, size, root: leafHash(String(size)) }, KEY) };
}

function newFile(): { anchor: Anchor; path: string } {
  const place = somewhere('checkpoints.txt');
  places.push(place);
  return { anchor: fileAnchor({ path: place.path }), path: place.path };
}

async function notesIn(anchor: Anchor): Promise<string[]> {
  const notes: string[] = [];
  for await (const note of anchor.all()) notes.push(note);
  return notes;
}

describe('an anchor in a file', () => {
  it('holds nothing before the first checkpoint', async () => {
    const { anchor } = newFile();
    expect(await anchor.newest()).toBeUndefined();
    expect(await notesIn(anchor)).toEqual([]);
  });

  it('keeps every checkpoint to the letter, and gives the newest back', async () => {
    const { anchor, path } = newFile();
    const all = [1, 2, 300].map(checkpoint);
    for (const one of all) await anchor.put(one);
    expect(await notesIn(anchor)).toEqual(all.map(({ note }) => note));
    expect(await anchor.newest()).toBe(all[2]?.note);
    const text = readFileSync(path, 'utf8');
    for (const { note } of all) expect(text).toContain(`\n${note}`);
    expect(statSync(path).mode & 0o777).toBe(0o644);
  });

  it('keeps a checkpoint once, however often it is put', async () => {
    const { anchor, path } = newFile();
    await anchor.put(checkpoint(1));
    await anchor.put(checkpoint(2));
    const before = readFileSync(path);
    await anchor.put(checkpoint(2));
    await fileAnchor({ path }).put(checkpoint(2));
    expect(readFileSync(path)).toEqual(before);
  });

  it('only ever appends', async () => {
    const { anchor, path } = newFile();
    await anchor.put(checkpoint(1));
    const before = readFileSync(path, 'utf8');
    await anchor.put(checkpoint(2));
    expect(readFileSync(path, 'utf8').startsWith(before)).toBe(true);
  });

  it('passes over a record torn at any byte, and goes on behind it', async () => {
    const { anchor, path } = newFile();
    const [first, second, third] = [1, 2, 3].map(checkpoint) as [
      AnchoredCheckpoint,
      AnchoredCheckpoint,
      AnchoredCheckpoint,
    ];
    await anchor.put(first);
    const kept = statSync(path).size;
    await anchor.put(second);
    const whole = readFileSync(path);
    for (let length = kept; length < whole.length; length += 7) {
      writeFileSync(path, whole);
      truncateSync(path, length);
      expect(await anchor.newest()).toBe(first.note);
      await anchor.put(third);
      expect(await notesIn(anchor)).toEqual([first.note, third.note]);
      expect(await anchor.newest()).toBe(third.note);
    }
  });

  it('passes over what somebody altered, and what is not accepted', async () => {
    const { anchor, path } = newFile();
    await anchor.put(checkpoint(1));
    await anchor.put(checkpoint(2));
    await anchor.put(checkpoint(3));
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('\n3\n', '\n9\n'));
    appendFileSync(path, 'something else\n# 12 bytes sha256:nothing\n\n');
    expect(await anchor.newest()).toBe(checkpoint(2).note);
    expect(await anchor.newest((note) => note.includes('\n1\n'))).toBe(checkpoint(1).note);
    expect(await anchor.newest(() => false)).toBeUndefined();
  });

  it('finds a note behind megabytes of what is none of ours', async () => {
    const { anchor, path } = newFile();
    const own = checkpoint(7);
    await anchor.put(own);
    appendFileSync(path, Buffer.alloc(5 * 1024 * 1024, 'x\n'));
    expect(await anchor.newest()).toBe(own.note);
    await anchor.put(checkpoint(8));
    expect(await notesIn(anchor)).toEqual([own.note, checkpoint(8).note]);
  });

  it('loses nothing when two processes append at once', async () => {
    const { anchor, path } = newFile();
    const children = ['a', 'b'].map((name) => appender(path, name));
    const codes = await Promise.all(children.map((child) => once(child, 'exit')));
    expect(codes.map(([code]) => code as unknown)).toEqual([0, 0]);
    const notes = await notesIn(anchor);
    expect(notes.length).toBe(400);
    expect(new Set(notes).size).toBe(400);
  });

  it('says what to do when the file cannot be written', async () => {
    const anchor = fileAnchor({ path: '/nowhere/at/all/checkpoints.txt' });
    await expect(anchor.put(checkpoint(1))).rejects.toMatchObject({
      code: 'ANCHOR_UNAVAILABLE',
      message: expect.stringMatching(/ENOENT.*Make its folder/) as string,
    });
    expect(() => fileAnchor({ path: '' })).toThrow(/given no path/);
  });
});

function appender(path: string, name: string): ReturnType<typeof spawn> {
  const script = fileURLToPath(new URL('../../test/fixture-anchor.ts', import.meta.url));
  return spawn(process.execPath, ['--import', 'tsx', script, path, name], { stdio: 'inherit' });
}
