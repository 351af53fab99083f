import fs from 'node:fs';

import type { Entry } from '../../event/entry.js';
import { fromLine } from './line.js';

const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

export interface Chunk {
  readonly entries: readonly Entry[];
  /** Lines that are no entry any more. */
  readonly damaged: readonly string[];
}

/**
 * One file of the spool: appended at its end, read on from where reading stopped. Its entries count as
 * `pending` from the moment they are in memory until the store has confirmed them.
 */
export class Segment {
  readonly path: string;
  readonly #fd: number;
  #size: number;
  #read: number;
  #dirty = false;
  pending = 0;

  private constructor(path: string, fd: number, size: number) {
    this.path = path;
    this.#fd = fd;
    this.#size = size;
    this.#read = 0;
  }

  static open(path: string): Segment {
    const fd = fs.openSync(path, 'a+', 0o600);
    return new Segment(path, fd, fs.fstatSync(fd).size);
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

  /** In the file when it returns; a line cut short by a full disk is taken back. */
  append(line: string, keptInMemory: boolean): void {
    const bytes = Buffer.from(line);
    try {
      if (fs.writeSync(this.#fd, bytes) < bytes.length)
        throw new Error(`the disk took only part of a line in ${this.path}`);
    } catch (error) {
      fs.ftruncateSync(this.#fd, this.#size);
      throw error;
    }
    this.#size += bytes.length;
    this.#dirty = true;
    if (keptInMemory) this.#read = this.#size;
  }

  /** The next whole lines, at least one when there is one. A tail without a line end was never acknowledged. */
  readOn(): Chunk {
    const { text, bytes } = this.#lines(CHUNK_BYTES);
    this.#read += bytes;
    if (bytes === 0) this.#read = this.#size;
    return parse(text);
  }

  /** On the disk itself when it resolves, not only in the hands of the operating system. */
  async sync(): Promise<void> {
    if (!this.#dirty) return;
    this.#dirty = false;
    await new Promise<void>((resolve, reject) => {
      fs.fdatasync(this.#fd, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Shows others that its process is alive. False when another process has taken the file over. */
  touch(): boolean {
    const now = Date.now() / 1000;
    fs.futimesSync(this.#fd, now, now);
    return fs.fstatSync(this.#fd).nlink > 0;
  }

  /** Only when drained: every entry in it is confirmed. */
  empty(): void {
    if (this.#size === 0) return;
    fs.ftruncateSync(this.#fd, 0);
    this.#size = 0;
    this.#read = 0;
  }

  remove(): void {
    fs.closeSync(this.#fd);
    fs.rmSync(this.path, { force: true });
  }

  close(): void {
    fs.closeSync(this.#fd);
  }

  #lines(limit: number): { text: string; bytes: number } {
    const buffer = Buffer.alloc(Math.min(limit, this.#size - this.#read));
    const length = fs.readSync(this.#fd, buffer, 0, buffer.length, this.#read);
    const end = buffer.lastIndexOf(NEWLINE, length - 1) + 1;
    if (end === 0 && this.#read + length < this.#size) return this.#lines(limit * 2);
    return { text: buffer.toString('utf8', 0, end), bytes: end };
  }
}

function parse(text: string): Chunk {
  const entries: Entry[] = [];
  const damaged: string[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const entry = fromLine(line);
    if (entry) entries.push(entry);
    else damaged.push(line);
  }
  return { entries, damaged };
}
