import fs from 'node:fs';
import path from 'node:path';

import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';

import { lineOf, someEntries, someEntry } from '../../../test/entries.js';
import { removeTemporaryFolders, temporaryFolder } from '../../../test/test-trail.js';
import { toLine } from './line.js';
import { Segment } from './segment.js';

afterAll(removeTemporaryFolders);
afterEach(() => vi.restoreAllMocks());

const newPath = (): string => path.join(temporaryFolder(), 'one.spool');

function written(lines: readonly (string | Buffer)[]): string {
  const file = newPath();
  fs.writeFileSync(file, Buffer.concat(lines.map((line) => Buffer.from(line))));
  return file;
}

/** Everything in a file, as it is read from the start. */
function readAll(segment: Segment): { ids: string[]; damaged: string[] } {
  const ids: string[] = [];
  const damaged: string[] = [];
  while (segment.hasUnread) {
    const chunk = segment.readOn();
    ids.push(...chunk.entries.map(({ core }) => core.id));
    damaged.push(...chunk.damaged.map(String));
  }
  return { ids, damaged };
}

describe('a segment', () => {
  it('has each line in the file when append returns', () => {
    const segment = Segment.create(newPath());
    const lines = someEntries(3).map(lineOf);
    for (const line of lines) {
      segment.append(Buffer.from(line), true);
      expect(fs.readFileSync(segment.path, 'utf8').endsWith(line)).toBe(true);
    }
    expect(segment.size).toBe(Buffer.byteLength(lines.join('')));
  });

  it('is readable by its owner alone', () => {
    const segment = Segment.create(newPath());
    expect(fs.statSync(segment.path).mode & 0o777).toBe(0o600);
  });

  it('reads back what is only on disk, in order, over many chunks and lines longer than a chunk', () => {
    const entries = someEntries(600, (n) => ({ payload: { text: 'x'.repeat(n === 300 ? 700_000 : 1_000) } }));
    const segment = Segment.create(newPath());
    for (const entry of entries) segment.append(toLine(entry), false);
    expect(readAll(segment)).toEqual({ ids: entries.map(({ core }) => core.id), damaged: [] });
  });

  it('discards a torn tail, however long it is, and keeps everything before it', () => {
    const [first, second] = someEntries(2);
    const lines = [lineOf(first!), lineOf(second!)];
    const torn = lines[1]!;
    for (const length of [1, 8, 9, 50, torn.length - 1]) {
      const segment = Segment.adopt(written([lines[0]!, torn.slice(0, length)]));
      expect(readAll(segment)).toEqual({ ids: [first!.core.id], damaged: [] });
      expect(segment.isDrained).toBe(true);
    }
  });

  it('gives damaged lines apart, byte for byte, and reads on behind them', () => {
    const entries = someEntries(3);
    const lines = entries.map((entry) => Buffer.from(toLine(entry)));
    lines[1]!.writeUInt8(0xff, 40);
    const segment = Segment.adopt(written(lines));
    const { entries: read, damaged } = segment.readOn();
    expect(read.map(({ core }) => core.id)).toEqual([entries[0]!.core.id, entries[2]!.core.id]);
    expect(damaged).toEqual([lines[1]!.subarray(0, -1)]);
  });

  it('reads no further than a file that has shrunk', () => {
    const segment = Segment.adopt(written(someEntries(2).map(lineOf)));
    fs.truncateSync(segment.path, 10);
    expect(readAll(segment)).toEqual({ ids: [], damaged: [] });
  });

  it('writes over what a full disk cut short', () => {
    const [long, short] = [someEntry({ payload: { text: 'x'.repeat(500) } }), someEntry()];
    const segment = Segment.create(newPath());
    const writeSync = fs.writeSync.bind(fs);
    vi.spyOn(fs, 'writeSync').mockImplementationOnce(((fd: number, bytes: Buffer) =>
      writeSync(fd, bytes, 0, 100, 0)) as typeof fs.writeSync);
    expect(() => segment.append(toLine(long), true)).toThrow('only part of a line');
    expect(segment.hasUnread).toBe(false);
    segment.append(toLine(short), true);
    expect(readAll(Segment.adopt(segment.path)).ids).toEqual([short.core.id]);
  });

  it('is drained when everything read has been confirmed, and starts anew when emptied', async () => {
    const segment = Segment.create(newPath());
    segment.append(toLine(someEntry()), true);
    segment.pending += 1;
    expect(segment.isDrained).toBe(false);
    segment.pending -= 1;
    expect(segment.isDrained).toBe(true);
    await segment.empty();
    const next = someEntry();
    segment.append(toLine(next), true);
    expect(readAll(Segment.adopt(segment.path)).ids).toEqual([next.core.id]);
  });

  it('knows when its file was taken over or removed', () => {
    const [taken, removed] = [Segment.create(newPath()), Segment.create(newPath())];
    expect([taken.isOurs(), removed.isOurs()]).toEqual([true, true]);
    fs.renameSync(taken.path, `${taken.path}.theirs`);
    fs.rmSync(removed.path);
    fs.writeFileSync(removed.path, 'another file of that name');
    expect([taken.isOurs(), removed.isOurs()]).toEqual([false, false]);
  });
});

describe('the sync of a segment', () => {
  it('asks the disk for every line, and once for those that come together', async () => {
    const segment = Segment.create(newPath());
    const fdatasync = vi.spyOn(fs, 'fdatasync');
    segment.append(toLine(someEntry()), true);
    const first = segment.sync();
    for (const entry of someEntries(20)) segment.append(toLine(entry), true);
    const others = Array.from({ length: 20 }, () => segment.sync());
    await Promise.all([first, ...others]);
    expect(fdatasync).toHaveBeenCalledTimes(2);
    await segment.sync();
    expect(fdatasync).toHaveBeenCalledTimes(2);
  });

  it('does not answer before the call that covers the line has ended', async () => {
    const segment = Segment.create(newPath());
    const calls: ((error: Error | null) => void)[] = [];
    vi.spyOn(fs, 'fdatasync').mockImplementation((_, done) => void calls.push(done));
    const done: string[] = [];
    segment.append(toLine(someEntry()), true);
    const first = segment.sync().then(() => done.push('first'));
    const shared = segment.sync().then(() => done.push('shared'));
    segment.append(toLine(someEntry()), true);
    const second = segment.sync().then(() => done.push('second'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([done, calls.length]).toEqual([[], 1]);
    calls[0]!(null);
    await Promise.all([first, shared]);
    await vi.waitFor(() => expect(calls).toHaveLength(2));
    expect(done).not.toContain('second');
    calls[1]!(null);
    await second;
  });

  it('rejects when the disk fails, and asks again the next time', async () => {
    const segment = Segment.create(newPath());
    segment.append(toLine(someEntry()), true);
    const fdatasync = vi
      .spyOn(fs, 'fdatasync')
      .mockImplementationOnce((_, done) => done(Object.assign(new Error('no disk'), { code: 'EIO' })));
    await expect(segment.sync()).rejects.toThrow('no disk');
    await segment.sync();
    expect(fdatasync).toHaveBeenCalledTimes(2);
  });

  it('is not disturbed by a file that is removed under it', async () => {
    const segment = Segment.create(newPath());
    segment.append(toLine(someEntry()), true);
    const syncs = [segment.sync()];
    segment.append(toLine(someEntry()), true);
    syncs.push(segment.sync());
    segment.remove();
    await Promise.all(syncs);
    expect(fs.existsSync(segment.path)).toBe(false);
  });
});
