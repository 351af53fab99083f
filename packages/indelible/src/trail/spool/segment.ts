import fs from 'node:fs';
import path from 'node:path';

import type { Entry } from '../../event/entry.js';
import { fromLine } from './line.js';

const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;
const CREATE = 'wx+';
const OPEN = 'r+';

export interface Chunk {
  readonly entries: readonly Entry[];
  /** Lines that are no entry any more, as they stand in the file. */
  readonly damaged: readonly Buffer[];
}

/**
 * One file of the spool: written at its end, read on from where reading stopped. Its entries count as
 * `pending` from the moment they are in memory until the store has confirmed them.
 */
export class Segment {
  readonly path: string;
  readonly #fd: number;
  readonly #inode: number;
  readonly #isOwn: boolean;
  #size: number;
  #read = 0;
  #isNamed = false;
  #isDirty = false;
  #isClosed = false;
  #emptying: Promise<void> | undefined;
  #syncing: Promise<void> | undefined;
  #nextSync: Promise<void> | undefined;
  pending = 0;

  private constructor(file: string, flags: string) {
    this.path = file;
    this.#isOwn = flags === CREATE;
    this.#fd = fs.openSync(file, flags, 0o600);
    const { ino, size } = fs.fstatSync(this.#fd);
    this.#inode = ino;
    this.#size = size;
  }

  static create(file: string): Segment {
    return new Segment(file, CREATE);
  }

  /** Opens a file that somebody else has written: everything in it is still to be read. */
  static adopt(file: string): Segment {
    return new Segment(file, OPEN);
  }

  get size(): number {
    return this.#size;
  }

  /** True when there are lines that are only on disk. */
  get hasUnread(): boolean {
    return this.#read < this.#size;
  }

  get isDrained(): boolean {
    return this.pending === 0 && !this.hasUnread;
  }

  /** True once the file is no longer ours to write: what is only in it needs another place. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * In the file when it returns. Written at a place rather than at the end, so that what a full disk cut
   * short is written over by the next line; what is left of it has no line end and is never read.
   */
  append(bytes: Buffer, keptInMemory: boolean): void {
    this.#isDirty = true;
    if (fs.writeSync(this.#fd, bytes, 0, bytes.length, this.#size) < bytes.length)
      throw new Error(`the disk took only part of a line in ${this.path}`);
    this.#size += bytes.length;
    if (keptInMemory) this.#read = this.#size;
  }

  /** The next whole lines, at least one when there is one. A tail without a line end was never acknowledged. */
  readOn(): Chunk {
    const bytes = this.#lines(CHUNK_BYTES);
    this.#read = bytes.length === 0 ? this.#size : this.#read + bytes.length;
    return parse(bytes);
  }

  /** On the disk itself when it resolves. Whoever asks while a call is on its way shares the one after it. */
  sync(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    if (!this.#isDirty) return this.#syncing ?? Promise.resolve();
    if (this.#syncing === undefined) return this.#sync();
    const again = (): Promise<void> => this.#sync();
    return (this.#nextSync ??= this.#syncing.then(again, again));
  }

  /** Shows others that its owner is alive. */
  touch(): void {
    const now = Date.now() / 1000;
    fs.futimesSync(this.#fd, now, now);
  }

  /** False when the file was taken over by another process, or removed. */
  isOurs(): boolean {
    return fs.statSync(this.path, { throwIfNoEntry: false })?.ino === this.#inode;
  }

  /** Looks for lines its first owner, slow but not dead, has written since it was taken over. */
  look(): void {
    if (!this.#isOwn) this.#size = Math.max(this.#size, fs.fstatSync(this.#fd).size);
  }

  /** True while the file is being emptied: until then nothing may be written to it. */
  get isEmptying(): boolean {
    return this.#emptying !== undefined;
  }

  /** Only when drained: every entry in it is confirmed. Resolves when the file is empty. */
  empty(): Promise<void> {
    return (this.#emptying ??= this.#truncate().finally(() => {
      this.#emptying = undefined;
    }));
  }

  remove(): void {
    this.close();
    fs.rmSync(this.path, { force: true });
  }

  /** The handle is kept open under a call that still uses it. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const close = (): void => fs.closeSync(this.#fd);
    const used = [this.#syncing, this.#emptying].filter((work) => work !== undefined);
    if (used.length > 0) void Promise.allSettled(used).then(close);
    else close();
  }

  async #sync(): Promise<void> {
    this.#nextSync = undefined;
    if (this.#isClosed) return;
    this.#isDirty = false;
    const work = (this.#syncing = this.#flush());
    try {
      await work;
    } catch (error) {
      this.#isDirty = true;
      throw error;
    } finally {
      if (this.#syncing === work) this.#syncing = undefined;
    }
  }

  /** Letting go of its pages takes the system a while, in which requests are answered. */
  async #truncate(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      fs.ftruncate(this.#fd, 0, (error) => (error ? reject(error) : resolve()));
    });
    this.#size = 0;
    this.#read = 0;
    this.#isDirty = false;
  }

  async #flush(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      fs.fdatasync(this.#fd, (error) => (error ? reject(error) : resolve()));
    });
    if (!this.#isNamed) await syncFolder(path.dirname(this.path));
    this.#isNamed = true;
  }

  #lines(limit: number): Buffer {
    const buffer = Buffer.allocUnsafe(Math.min(limit, this.#size - this.#read));
    const length = fs.readSync(this.#fd, buffer, 0, buffer.length, this.#read);
    const end = buffer.subarray(0, length).lastIndexOf(NEWLINE) + 1;
    const isCutShort = end === 0 && length === buffer.length && this.#read + length < this.#size;
    return isCutShort ? this.#lines(limit * 2) : buffer.subarray(0, end);
  }
}

/** A new file is only safe from a power failure once its name is on the disk too. */
async function syncFolder(folder: string): Promise<void> {
  // A folder cannot be opened on Windows, and needs no such call there.
  if (process.platform === 'win32') return;
  const handle = await fs.promises.open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some network file systems know no such call.
    if (!['EINVAL', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await handle.close();
  }
}

function parse(bytes: Buffer): Chunk {
  const entries: Entry[] = [];
  const damaged: Buffer[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(NEWLINE, start);
    const line = bytes.subarray(start, end);
    const entry = fromLine(line);
    if (entry) entries.push(entry);
    else damaged.push(line);
    start = end + 1;
  }
  return { entries, damaged };
}
