import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';

import { lineOf, someEntries, someEntry } from '../../../test/entries.js';
import {
  removeTemporaryFolders,
  spoolBytes,
  spoolFiles,
  spoolText,
  temporaryFolder,
} from '../../../test/test-trail.js';
import type { Entry } from '../../event/entry.js';
import type { AuditError } from '../../event/errors.js';
import { toLine } from './line.js';
import { Spool } from './spool.js';

const DEAD = spawnSync(process.execPath, ['-e', '']).pid;
const spools: Spool[] = [];

afterAll(removeTemporaryFolders);
afterEach(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  await Promise.all(spools.splice(0).map((spool) => spool.close()));
});

interface Opened {
  readonly spool: Spool;
  readonly dir: string;
  readonly errors: AuditError[];
  readonly damaged: number[];
  readonly adopted: number[];
}

function open(
  options: { dir?: string; bufferSize?: number; maxBytes?: number; store?: string } = {},
): Opened {
  const { dir = temporaryFolder(), bufferSize = 100, maxBytes = 2 ** 30, store = 'store' } = options;
  const [errors, damaged, adopted]: [AuditError[], number[], number[]] = [[], [], []];
  const spool = new Spool({
    disk: { dir, storeName: store, maxBytes },
    bufferSize,
    report: (error) => errors.push(error),
    onDamaged: (count) => damaged.push(count),
    onAdopted: () => adopted.push(1),
  });
  spools.push(spool);
  return { spool, dir, errors, damaged, adopted };
}

/** Takes and confirms everything, in batches. */
function drain(spool: Spool, limit = 50): string[] {
  const ids: string[] = [];
  for (let items = spool.take(limit); items.length > 0; items = spool.take(limit)) {
    expect(items.length).toBeLessThanOrEqual(limit);
    ids.push(...items.map(({ entry }) => entry.core.id));
    spool.confirm(items);
  }
  return ids;
}

const idsOf = (entries: readonly Entry[]): string[] => entries.map(({ core }) => core.id);

/** Makes it look as if the files of a spool belonged to a process that was killed. */
function orphan(dir: string): void {
  for (const file of spoolFiles(dir)) {
    const name = path.basename(file).replace(/-\d+-(\d+-[0-9a-f]{8}-\d+\.spool)$/, `-${DEAD}-$1`);
    fs.renameSync(file, path.join(path.dirname(file), name));
  }
}

describe('the spool', () => {
  it('has an entry in its file before add returns', () => {
    const { spool, dir } = open();
    const entry = someEntry();
    expect(spool.add(entry)).toBe(true);
    expect(spoolText(dir)).toBe(lineOf(entry));
  });

  it('gives entries in the order they came and leaves nothing on disk once they are confirmed', async () => {
    const { spool, dir } = open();
    const entries = someEntries(120);
    for (const entry of entries) spool.add(entry);
    expect(spool.length).toBe(120);
    expect(drain(spool)).toEqual(idsOf(entries));
    expect([spool.length, spool.hasWaiting]).toEqual([0, false]);
    await vi.waitFor(() => expect(spoolBytes(dir)).toBe(0));
  });

  it('keeps the file until the last entry in it is confirmed', async () => {
    const { spool, dir } = open();
    for (const entry of someEntries(3)) spool.add(entry);
    const [first, rest] = [spool.take(1), spool.take(2)];
    spool.confirm(rest);
    expect(spoolBytes(dir)).toBeGreaterThan(0);
    spool.confirm(first);
    await vi.waitFor(() => expect(spoolBytes(dir)).toBe(0));
  });

  it('settles once everything added before is confirmed and in no file, while new entries go into new ones', async () => {
    const { spool, dir } = open();
    const [before, since] = [someEntry(), someEntry()];
    spool.add(before);
    const taken = spool.take(1);
    const settling = spool.settle(5_000);
    spool.add(since);
    expect(spoolText(dir)).toContain(before.core.id);
    spool.confirm(taken);
    await settling;
    expect(spoolText(dir)).toBe(lineOf(since));
  });

  it('says so when what is to be settled is not stored in time', async () => {
    const { spool } = open();
    spool.add(someEntry());
    await expect(spool.settle(30)).rejects.toMatchObject({ code: 'SPOOL_UNAVAILABLE' });
    expect(spool.length).toBe(1);
  });

  it('counts what has been taken as still on its way, and gives it again when it is put back', () => {
    const { spool } = open();
    const entries = someEntries(5);
    for (const entry of entries) spool.add(entry);
    const items = spool.take(3);
    expect([spool.length, spool.waiting]).toEqual([5, 2]);
    spool.putBack(items);
    expect([spool.length, spool.waiting]).toEqual([5, 5]);
    expect(drain(spool)).toEqual(idsOf(entries));
  });

  it('keeps no more than bufferSize entries in memory, and reads the others back in order', () => {
    const { spool } = open({ bufferSize: 20 });
    const entries = someEntries(500);
    for (const entry of entries) expect(spool.add(entry)).toBe(true);
    expect(spool.length).toBe(500);
    expect(drain(spool)).toEqual(idsOf(entries));
    expect(spool.length).toBe(0);
    const more = someEntries(10);
    for (const entry of more) spool.add(entry);
    expect(drain(spool)).toEqual(idsOf(more));
  });

  it('takes new entries and confirmations in any order while it reads back', async () => {
    const { spool, dir } = open({ bufferSize: 7 });
    const added: string[] = [];
    const stored: string[] = [];
    for (let round = 0; round < 200; round += 1) {
      for (const entry of someEntries(round % 5)) {
        spool.add(entry);
        added.push(entry.core.id);
      }
      const items = spool.take(1 + (round % 4));
      if (round % 3 === 0) spool.putBack(items);
      else {
        stored.push(...items.map(({ entry }) => entry.core.id));
        spool.confirm(items);
      }
    }
    stored.push(...drain(spool));
    expect(stored).toEqual(added);
    await vi.waitFor(() => expect([spool.length, spoolBytes(dir)]).toEqual([0, 0]));
  });

  it('bounds memory and batches by size as well as by number', () => {
    const { spool } = open({ bufferSize: 1_000 });
    const large = someEntries(100, () => ({ payload: { text: 'x'.repeat(2 ** 20) } }));
    for (const entry of large) spool.add(entry);
    expect(spool.take(500).length).toBeLessThan(10);
    expect(spool.length).toBe(100);
  });

  it('starts a new file when one has grown large, and removes each once it is confirmed', async () => {
    const { spool, dir } = open({ bufferSize: 1_000 });
    for (const entry of someEntries(20, () => ({ payload: { text: 'x'.repeat(2 ** 20) } }))) spool.add(entry);
    expect(spoolFiles(dir)).toHaveLength(3);
    expect(drain(spool)).toHaveLength(20);
    expect(spoolFiles(dir)).toHaveLength(1);
    await vi.waitFor(() => expect(spoolBytes(dir)).toBe(0));
  });
});

describe('the spool and the disk', () => {
  it('syncs within 100 ms of an entry, once for all that came meanwhile', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const { spool } = open();
    const fdatasync = vi.spyOn(fs, 'fdatasync');
    for (const entry of someEntries(10)) spool.add(entry);
    expect(fdatasync).not.toHaveBeenCalled();
    vi.advanceTimersByTime(100);
    expect(fdatasync).toHaveBeenCalledTimes(1);
    spool.add(someEntry());
    vi.advanceTimersByTime(100);
    await vi.waitFor(() => expect(fdatasync).toHaveBeenCalledTimes(2));
  });

  it('has an entry on the disk itself when addToDisk and sync are done', async () => {
    const { spool } = open();
    const fdatasync = vi.spyOn(fs, 'fdatasync');
    expect(spool.addToDisk(someEntry())).toBe(true);
    await spool.sync();
    expect(fdatasync).toHaveBeenCalledTimes(1);
  });

  it('keeps entries in memory while the disk is full, up to bufferSize, and says so once', () => {
    const { spool, dir, errors } = open({ bufferSize: 30, maxBytes: 5_000 });
    const added = someEntries(100).filter((entry) => spool.add(entry));
    const onDisk = spoolText(dir).trim().split('\n').length;
    expect(onDisk).toBeGreaterThan(3);
    expect(added).toHaveLength(30);
    expect(spoolBytes(dir)).toBeLessThanOrEqual(5_000);
    expect(errors.map(({ code }) => code)).toEqual(['SPOOL_UNAVAILABLE']);
    expect(errors[0]?.message).toContain('as much as it may');
    expect(drain(spool).toSorted()).toEqual(idsOf(added).toSorted());
  });

  it('does not take an entry for the disk that only memory has room for', () => {
    const { spool } = open({ maxBytes: 10 });
    expect(spool.addToDisk(someEntry())).toBe(false);
    expect(spool.length).toBe(0);
  });

  it('writes to disk what waited in memory as soon as there is room again', async () => {
    const { spool, dir } = open();
    const full = vi.spyOn(fs, 'writeSync').mockImplementation(() => {
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    });
    const entries = someEntries(3);
    for (const entry of entries) expect(spool.add(entry)).toBe(true);
    expect(spoolBytes(dir)).toBe(0);
    full.mockRestore();
    spool.keep();
    expect(spoolText(dir)).toBe(entries.map(lineOf).join(''));
    expect(drain(spool)).toEqual(idsOf(entries));
    await vi.waitFor(() => expect(spoolBytes(dir)).toBe(0));
  });

  it('loses nothing when room comes back while memory is full and newer entries are on disk only', () => {
    const { spool } = open({ bufferSize: 5 });
    const full = vi.spyOn(fs, 'writeSync').mockImplementation(() => {
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    });
    const inMemory = someEntries(5).filter((entry) => spool.add(entry));
    full.mockRestore();
    const onDisk = someEntries(5).filter((entry) => spool.add(entry));
    spool.keep();
    expect(spool.length).toBe(10);
    expect(drain(spool).toSorted()).toEqual(idsOf([...inMemory, ...onDisk]).toSorted());
  });

  it('works in memory where there is no folder, and says so', () => {
    const file = path.join(temporaryFolder(), 'a-file');
    fs.writeFileSync(file, '');
    const { spool, errors } = open({ dir: path.join(file, 'spool'), bufferSize: 2 });
    expect([spool.isOnDisk, errors[0]?.code]).toEqual([false, 'SPOOL_UNAVAILABLE']);
    expect(someEntries(3).map((entry) => spool.add(entry))).toEqual([true, true, false]);
    expect(drain(spool)).toHaveLength(2);
  });

  it('makes its folder anew when somebody has removed it, and loses nothing that was in memory', () => {
    const { spool, dir } = open();
    const entries = someEntries(4);
    for (const entry of entries.slice(0, 2)) spool.add(entry);
    fs.rmSync(dir, { recursive: true });
    spool.keep();
    for (const entry of entries.slice(2)) spool.add(entry);
    expect(spoolText(dir)).toBe(entries.map(lineOf).join(''));
    expect(drain(spool)).toEqual(idsOf(entries));
  });

  it('goes on with the other files when one cannot be read', () => {
    const dir = temporaryFolder();
    for (const entry of someEntries(2)) {
      const other = open({ dir });
      other.spool.add(entry);
      orphan(dir);
    }
    const { spool, errors } = open({ dir });
    const readSync = vi.spyOn(fs, 'readSync').mockImplementationOnce(() => {
      throw Object.assign(new Error('input/output error'), { code: 'EIO' });
    });
    expect(drain(spool)).toHaveLength(1);
    expect(errors.map(({ code }) => code)).toContain('SPOOL_UNAVAILABLE');
    readSync.mockRestore();
  });

  it('answers at close how many entries were in memory only', async () => {
    const { spool } = open({ maxBytes: 10 });
    for (const entry of someEntries(3)) spool.add(entry);
    expect(await spool.close()).toBe(3);
  });
});

describe('the files of others', () => {
  it('are taken over when their process is dead, with everything they had acknowledged', async () => {
    const dir = temporaryFolder();
    const entries = someEntries(50);
    const dead = open({ dir });
    for (const entry of entries) dead.spool.add(entry);
    orphan(dir);
    const { spool } = open({ dir });
    expect(drain(spool)).toEqual(idsOf(entries));
    await vi.waitFor(() => expect(spoolBytes(dir)).toBe(0));
  });

  it('are left alone while another trail of this process uses them', () => {
    const dir = temporaryFolder();
    const first = open({ dir });
    const entries = someEntries(3);
    for (const entry of entries) first.spool.add(entry);
    const second = open({ dir });
    second.spool.keep();
    expect(second.spool.hasWaiting).toBe(false);
    expect(drain(first.spool)).toEqual(idsOf(entries));
  });

  it('are left alone when they belong to another store', () => {
    const dir = temporaryFolder();
    open({ dir, store: 'one' }).spool.add(someEntry());
    orphan(dir);
    expect(open({ dir, store: 'other' }).spool.hasWaiting).toBe(false);
    expect(open({ dir, store: 'one' }).spool.hasWaiting).toBe(true);
  });

  it('are taken over while running too, and whoever stores is told', () => {
    const dir = temporaryFolder();
    const { spool, adopted } = open({ dir });
    const entry = someEntry();
    open({ dir }).spool.add(entry);
    orphan(dir);
    spool.keep();
    expect(adopted).toEqual([1]);
    expect(drain(spool)).toEqual([entry.core.id]);
  });

  it('are looked for every 20 seconds', () => {
    vi.useFakeTimers();
    const dir = temporaryFolder();
    const { adopted } = open({ dir });
    open({ dir }).spool.add(someEntry());
    orphan(dir);
    vi.advanceTimersByTime(19_000);
    expect(adopted).toEqual([]);
    vi.advanceTimersByTime(2_000);
    expect(adopted).toEqual([1]);
  });

  it('that a trail closed with its store away go to the next one, at once', async () => {
    const dir = temporaryFolder();
    const { spool } = open({ dir });
    const entries = someEntries(5);
    for (const entry of entries) spool.add(entry);
    spool.confirm(spool.take(1));
    expect(await spool.close()).toBe(0);
    // Confirmed or not, all of a file comes again: the store knows an id it has.
    expect(drain(open({ dir }).spool)).toEqual(idsOf(entries));
  });

  it('lose their torn tail, and their damaged lines are set aside and told', async () => {
    const dir = temporaryFolder();
    const dead = open({ dir });
    const entries = someEntries(4);
    for (const entry of entries) dead.spool.add(entry);
    const [file = ''] = spoolFiles(dir);
    const bytes = fs.readFileSync(file);
    const second = toLine(entries[0]!).length;
    bytes.writeUInt8(bytes.readUInt8(second + 60) ^ 1, second + 60);
    fs.writeFileSync(file, bytes.subarray(0, -5));
    orphan(dir);

    const { spool, errors, damaged } = open({ dir });
    expect(drain(spool)).toEqual([entries[0]!.core.id, entries[2]!.core.id]);
    expect(damaged).toEqual([1]);
    expect(errors.map(({ code }) => code)).toEqual(['SPOOL_DAMAGED']);
    const kept = path.join(path.dirname(file), 'damaged.log');
    expect(errors[0]?.message).toContain(kept);
    expect(fs.readFileSync(kept)).toEqual(bytes.subarray(second, second + toLine(entries[1]!).length));
    expect(fs.statSync(kept).mode & 0o777).toBe(0o600);
    await vi.waitFor(() => expect(spoolBytes(dir)).toBe(0));
  });

  it('of somebody slow but alive are given back in effect: both store, nothing is lost', () => {
    const dir = temporaryFolder();
    const slow = open({ dir });
    const [early, late, later] = [someEntry(), someEntry(), someEntry()];
    slow.spool.add(early);
    const [file = ''] = spoolFiles(dir);
    fs.utimesSync(file, 0, 0);

    const thief = open({ dir });
    slow.spool.add(late);
    expect(drain(thief.spool)).toEqual([early.core.id, late.core.id]);
    slow.spool.keep();
    slow.spool.add(later);
    expect(spoolText(dir)).toBe([early, late, later].map(lineOf).join(''));
    expect(drain(slow.spool)).toEqual(idsOf([early, late, later]));
  });

  it('are never taken from a spool that has nothing waiting, since it holds none then', () => {
    const { spool, dir } = open();
    spool.add(someEntry());
    drain(spool);
    spool.keep();
    expect(spoolFiles(dir)).toEqual([]);
    const entry = someEntry();
    spool.add(entry);
    expect(spoolText(dir)).toBe(lineOf(entry));
  });

  it('show that they have a living owner', () => {
    const { spool, dir } = open();
    spool.add(someEntry());
    const [file = ''] = spoolFiles(dir);
    fs.utimesSync(file, 0, 0);
    spool.keep();
    expect(Date.now() - fs.statSync(file).mtimeMs).toBeLessThan(5_000);
  });
});

describe('what the store will never take', () => {
  it('is set aside and leaves the spool', async () => {
    const { spool, dir } = open();
    const entry = someEntry();
    spool.add(entry);
    const [file = ''] = spoolFiles(dir);
    const kept = path.join(path.dirname(file), 'refused.log');
    expect(spool.refuse(spool.take(1))).toBe(`kept in ${kept}`);
    expect(JSON.parse(fs.readFileSync(kept, 'utf8'))).toEqual(entry);
    await vi.waitFor(() => expect([spool.length, spoolBytes(dir)]).toEqual([0, 0]));
  });
});
