import type { Entry } from '../../event/entry.js';
import { AuditError } from '../../event/errors.js';
import { inTime } from '../deadline.js';
import { SpoolDisk, type SpoolDiskOptions } from './disk.js';
import { toLine } from './line.js';
import type { Segment } from './segment.js';

const SYNC_MS = 100;
const KEEP_MS = 20_000;
/** How long the end waits for a disk that hangs. */
const LAST_SYNC_MS = 2_000;
/** Whatever their number, waiting entries take no more memory than this, and a batch no more than that. */
const MEMORY_BYTES = 64 * 1024 ** 2;
const BATCH_BYTES = 8 * 1024 ** 2;

/** An entry on its way, and the file that holds it until the store has confirmed it. */
export interface SpoolItem {
  readonly entry: Entry;
  readonly segment: Segment | undefined;
}

export interface SpoolOptions {
  /** Undefined for memory only. */
  readonly disk: Omit<SpoolDiskOptions, 'report'> | undefined;
  readonly bufferSize: number;
  readonly report: (error: AuditError) => void;
  /** Told how many lines could not be read any more. */
  readonly onDamaged: (count: number) => void;
  /** Told when there is something to store that nobody has added. */
  readonly onAdopted: () => void;
}

/**
 * What is on its way to the store. An entry is in a local file before `add` returns, so that a killed
 * process loses nothing; so many are also kept in memory, the others are read back when their turn comes.
 */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #disk: SpoolDisk | undefined;
  readonly #keeping: NodeJS.Timeout | undefined;
  #ready: SpoolItem[] = [];
  #readyBytes = 0;
  #onDisk = 0;
  #taken = 0;
  #isFailing = false;
  #syncing: NodeJS.Timeout | undefined;

  constructor(options: SpoolOptions) {
    const { disk } = options;
    this.#options = options;
    this.#disk =
      disk && this.#attempt(() => new SpoolDisk({ ...disk, report: (error) => this.#report(error) }));
    if (this.#disk === undefined) return;
    this.#attempt(() => this.#disk?.adopt());
    this.#keeping = setInterval(() => this.keep(), KEEP_MS).unref();
  }

  get isOnDisk(): boolean {
    return this.#disk !== undefined;
  }

  /** How many are known to be on their way; what a dead process left is counted once it is read. */
  get length(): number {
    return this.waiting + this.#taken;
  }

  /** How many of them nobody has taken yet. */
  get waiting(): number {
    return this.#ready.length + this.#onDisk;
  }

  get hasWaiting(): boolean {
    return this.#ready.length > 0 || this.#disk?.hasUnread === true;
  }

  /** False when neither disk nor memory has room: the caller must count it as dropped. */
  add(entry: Entry): boolean {
    if (this.addToDisk(entry)) return true;
    if (!this.#hasRoom) return false;
    this.#remember({ entry, segment: undefined });
    return true;
  }

  /** False when the entry could not be written to the disk; then the spool does not have it at all. */
  addToDisk(entry: Entry): boolean {
    const disk = this.#disk;
    if (disk === undefined) return false;
    const inMemory = this.#hasRoom && !disk.hasUnread;
    const segment = this.#write(disk, entry, inMemory);
    if (segment === undefined) return false;
    if (inMemory) this.#remember({ entry, segment });
    else this.#onDisk += 1;
    return true;
  }

  /** The next entries to be stored; each must come back by `confirm`, `putBack` or `refuse`. */
  take(limit: number): SpoolItem[] {
    while (this.#ready.length < limit && this.#disk?.hasUnread === true) this.#load(this.#disk);
    let [count, bytes] = [0, 0];
    for (const { entry } of this.#ready) {
      if (count === limit || (count > 0 && bytes + sizeOf(entry) > BATCH_BYTES)) break;
      count += 1;
      bytes += sizeOf(entry);
    }
    this.#readyBytes -= bytes;
    this.#taken += count;
    return this.#ready.splice(0, count);
  }

  /** The store has them: their files are emptied or removed once nothing in them is needed. */
  confirm(items: readonly SpoolItem[]): void {
    this.#taken -= items.length;
    for (const { segment } of items) if (segment) segment.pending -= 1;
    this.#attempt(() => this.#disk?.sweep());
  }

  putBack(items: readonly SpoolItem[]): void {
    this.#taken -= items.length;
    this.#ready = [...items, ...this.#ready];
    for (const { entry } of items) this.#readyBytes += sizeOf(entry);
  }

  /** Puts aside what the store will never take, and answers where. */
  refuse(items: readonly SpoolItem[]): string {
    const where = this.#setAside(
      'refused',
      items.map(({ entry }) => JSON.stringify(entry)),
    );
    this.confirm(items);
    return where;
  }

  /** On the disk itself when it resolves. */
  async sync(): Promise<void> {
    await this.#disk?.sync();
  }

  /** Resolves when the disk holds nothing any more of what was added before; rejects when it was not stored in time. */
  async settle(deadlineMs: number): Promise<void> {
    if (this.#disk === undefined || (await this.#disk.settle(deadlineMs))) return;
    throw new AuditError(
      'SPOOL_UNAVAILABLE',
      'The spool still holds events that were not stored in time; bring the store back, and try again.',
    );
  }

  /** What must be done now and then: our files are kept ours, and those of dead processes are taken over. */
  keep(): void {
    this.#attempt(() => this.#disk?.touch());
    this.#secure();
    this.#attempt(() => this.#disk?.adopt());
    if (this.hasWaiting) this.#options.onAdopted();
  }

  /** Answers how many were lost, for being in memory only. */
  async close(): Promise<number> {
    clearInterval(this.#keeping);
    clearTimeout(this.#syncing);
    this.#secure();
    await inTime(this.sync(), LAST_SYNC_MS, 'the disk of the spool', 'SPOOL_UNAVAILABLE').catch(
      (error: unknown) => this.#report(error),
    );
    const lost = this.#ready.filter(isInMemoryOnly).length;
    this.#attempt(() => this.#disk?.close());
    return lost;
  }

  get #hasRoom(): boolean {
    return this.#ready.length < this.#options.bufferSize && this.#readyBytes < MEMORY_BYTES;
  }

  #remember(item: SpoolItem): void {
    if (item.segment) item.segment.pending += 1;
    this.#requeue(item);
  }

  #requeue(item: SpoolItem): void {
    this.#readyBytes += sizeOf(item.entry);
    this.#ready.push(item);
  }

  /** A full disk is told about once, not for every event. */
  #write(disk: SpoolDisk, entry: Entry, inMemory: boolean): Segment | undefined {
    try {
      const segment = disk.write(toLine(entry), inMemory);
      this.#isFailing = false;
      this.#syncing ??= setTimeout(() => this.#syncSoon(), SYNC_MS).unref();
      return segment;
    } catch (error) {
      if (!this.#isFailing) this.#report(error);
      this.#isFailing = true;
      return undefined;
    }
  }

  #syncSoon(): void {
    this.#syncing = undefined;
    this.#secure();
    this.sync().catch((error: unknown) => this.#report(error));
  }

  /** Writes to a file of our own what is in memory only: because there was no room, or the file was taken from us. */
  #secure(): void {
    if (this.#disk === undefined) return;
    this.#attempt(() => this.#disk?.checkOwnership());
    if (!this.#ready.some(isInMemoryOnly)) return;
    const items = this.#ready;
    [this.#ready, this.#readyBytes] = [[], 0];
    let hasDisk = true;
    for (const item of items) {
      const { entry } = item;
      if (!isInMemoryOnly(item)) this.#requeue(item);
      else if (!(hasDisk &&= this.addToDisk(entry))) this.#requeue({ entry, segment: undefined });
    }
  }

  #load(disk: SpoolDisk): void {
    const chunk = this.#attempt(() => disk.read());
    for (const entry of chunk?.entries ?? []) this.#remember({ entry, segment: chunk?.segment });
    this.#onDisk = disk.hasUnread ? Math.max(this.#onDisk - (chunk?.entries.length ?? 0), 0) : 0;
    if (chunk && chunk.damaged.length > 0) {
      this.#damaged(chunk.damaged);
    }
    if (chunk?.segment.isDrained) this.#attempt(() => disk.sweep());
  }

  #damaged(lines: readonly Buffer[]): void {
    const where = this.#setAside('damaged', lines);
    this.#options.onDamaged(lines.length);
    this.#options.report(
      new AuditError('SPOOL_DAMAGED', `${lines.length} lines of the spool were damaged; they are ${where}.`),
    );
  }

  #setAside(name: 'damaged' | 'refused', lines: readonly (string | Buffer)[]): string {
    const file = this.#attempt(() => this.#disk?.setAside(name, lines));
    return file === undefined ? 'kept nowhere, for want of a disk' : `kept in ${file}`;
  }

  #attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#report(error);
      return undefined;
    }
  }

  #report(error: unknown): void {
    this.#options.report(
      AuditError.from(error, 'SPOOL_UNAVAILABLE', 'The spool could not be used; events wait in memory'),
    );
  }
}

function isInMemoryOnly({ segment }: SpoolItem): boolean {
  return segment === undefined || segment.isClosed;
}

/** About what an entry takes in memory; nearly all that can be large is its payload. */
function sizeOf(entry: Entry): number {
  return (entry.payload?.length ?? 0) + 1024;
}
