import { setTimeout as sleep } from 'node:timers/promises';

import { SpoolFolder } from './folder.js';
import { type Chunk, Segment } from './segment.js';

const SEGMENT_BYTES = 8 * 1024 * 1024;
const SETTLE_MS = 10;

export interface SpoolDiskOptions {
  readonly dir: string;
  readonly storeName: string;
  readonly maxBytes: number;
  /** Told of what fails while nobody waits for it. */
  readonly report: (error: unknown) => void;
}

/** The files of one spool: those it writes, and those it has taken over. Everything here may throw. */
export class SpoolDisk {
  readonly #folder: SpoolFolder;
  readonly #maxBytes: number;
  #segments: Segment[] = [];
  #active: Segment | undefined;
  /** Empty, or being emptied: one of them is written next, when the active one is emptied in its turn. */
  readonly #spares = new Set<Segment>();
  readonly #report: (error: unknown) => void;

  constructor({ dir, storeName, maxBytes, report }: SpoolDiskOptions) {
    this.#report = report;
    this.#folder = new SpoolFolder(dir, storeName);
    this.#maxBytes = maxBytes;
  }

  /** True when there are entries that are only on disk. */
  get hasUnread(): boolean {
    return this.#segments.some((segment) => segment.hasUnread);
  }

  /** In a file when it returns. */
  write(line: Buffer, keptInMemory: boolean): Segment {
    const segment = this.#writable(line.length);
    segment.append(line, keptInMemory);
    return segment;
  }

  /** The next entries that are only on disk, in the order they were written. A file that cannot be read is left. */
  read(): (Chunk & { readonly segment: Segment }) | undefined {
    const segment = this.#segments.find((one) => one.hasUnread);
    try {
      return segment && { segment, ...segment.readOn() };
    } catch (error) {
      if (segment) this.#forget(segment);
      segment?.close();
      throw error;
    }
  }

  /** Empties or removes the files in which nothing is needed any more. */
  sweep(): void {
    for (const segment of this.#segments.filter((one) => one.isDrained && !this.#spares.has(one))) {
      if (segment === this.#active) this.#change(segment);
      else this.#remove(segment);
    }
  }

  /** Resolves, in time, to whether no file holds any more what was written before. */
  async settle(deadlineMs: number): Promise<boolean> {
    const before = new Set(this.#segments);
    const isLeft = (): boolean => this.#segments.some((segment) => before.has(segment));
    this.#active = undefined;
    this.#spares.clear();
    this.sweep();
    for (const ends = performance.now() + deadlineMs; isLeft() && performance.now() < ends; this.sweep())
      await sleep(SETTLE_MS);
    return !isLeft();
  }

  async sync(): Promise<void> {
    await Promise.all(this.#segments.map((segment) => segment.sync()));
  }

  /** Lets go of files that were taken from us. What is in memory of theirs must be written anew. */
  checkOwnership(): void {
    for (const segment of this.#segments.filter((one) => !one.isOurs())) {
      this.#forget(segment);
      segment.close();
    }
  }

  /** Shows other processes that the files have a living owner. An idle spool holds none, so none can be taken. */
  touch(): void {
    for (const idle of [this.#active, ...this.#spares]) if (idle?.isDrained) this.#remove(idle);
    for (const segment of this.#segments) segment.touch();
  }

  /** Takes over what dead processes left. */
  adopt(): void {
    for (const orphan of this.#folder.orphans()) {
      const file = this.#folder.take(orphan);
      if (file !== undefined) this.#open(file);
    }
  }

  setAside(name: 'damaged' | 'refused', lines: readonly (string | Buffer)[]): string {
    return this.#folder.setAside(name, lines);
  }

  /** What is still needed is left for whoever comes next. */
  close(): void {
    for (const segment of this.#segments.splice(0)) {
      if (segment.isDrained) segment.remove();
      else {
        segment.close();
        this.#folder.leave(segment.path);
      }
    }
    this.#active = undefined;
    this.#spares.clear();
  }

  /** Emptying takes a while: what comes meanwhile goes into another one. */
  #change(drained: Segment): void {
    if (drained.size === 0) return;
    const next = [...this.#spares].find((spare) => !spare.isEmptying);
    if (next !== undefined) this.#spares.delete(next);
    this.#active = next;
    this.#spares.add(drained);
    drained.empty().catch((error: unknown) => this.#report(error));
  }

  #writable(bytes: number): Segment {
    const total = this.#segments.reduce((sum, one) => sum + (one.isDrained ? 0 : one.size), 0);
    if (total + bytes > this.#maxBytes) throw new Error(`the spool holds ${total} bytes, as much as it may`);
    if (this.#active === undefined || this.#active.size >= SEGMENT_BYTES) {
      this.#active = Segment.create(this.#folder.newFile());
      this.#segments.push(this.#active);
    }
    return this.#active;
  }

  #open(file: string): void {
    try {
      this.#segments.push(Segment.adopt(file));
    } catch (error) {
      this.#folder.leave(file);
      throw error;
    }
  }

  #remove(segment: Segment): void {
    segment.look();
    if (segment.hasUnread) return;
    this.#forget(segment);
    segment.remove();
  }

  #forget(segment: Segment): void {
    this.#segments = this.#segments.filter((one) => one !== segment);
    if (segment === this.#active) this.#active = undefined;
    this.#spares.delete(segment);
  }
}
