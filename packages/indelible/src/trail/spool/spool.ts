import type { Entry } from '../../event/entry.js';
import { AuditError } from '../../event/errors.js';
import { SpoolFolder } from './folder.js';
import { toLine } from './line.js';
import { Segment } from './segment.js';

const SEGMENT_BYTES = 8 * 1024 * 1024;
const SYNC_MS = 100;

/** An entry on its way, and the file that holds it until the store has confirmed it. */
export interface SpoolItem {
  readonly entry: Entry;
  readonly segment: Segment | undefined;
}

export interface SpoolOptions {
  /** Undefined for memory only. */
  readonly folder:
    | { readonly dir: string; readonly storeName: string; readonly maxBytes: number }
    | undefined;
  readonly bufferSize: number;
  readonly report: (error: AuditError) => void;
}

/**
 * What is on its way to the store. An entry is in a local file before `add` returns, so that a killed
 * process loses nothing; so many are also kept in memory, the others are read back when their turn comes.
 */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #folder: SpoolFolder | undefined;
  #segments: Segment[] = [];
  #active: Segment | undefined;
  #ready: SpoolItem[] = [];
  #onDisk = 0;
  #syncTimer: NodeJS.Timeout | undefined;

  constructor(options: SpoolOptions) {
    this.#options = options;
    this.#folder = this.#openFolder();
    this.#adopt();
  }

  get isOnDisk(): boolean {
    return this.#folder !== undefined;
  }

  /** How many are known to wait; what a dead process left is counted once it is read. */
  get length(): number {
    return this.#ready.length + this.#onDisk;
  }

  get hasWaiting(): boolean {
    return this.#ready.length > 0 || this.#segments.some((segment) => segment.hasUnread);
  }

  /** False when neither disk nor memory has room: the caller must count it as dropped. */
  add(entry: Entry): boolean {
    const hasRoom = this.#ready.length < this.#options.bufferSize;
    const segment = this.#write(entry, hasRoom && !this.#hasUnread());
    if (segment === undefined && !hasRoom) return false;
    if (segment?.hasUnread) this.#onDisk += 1;
    else this.#remember({ entry, segment });
    return true;
  }

  /** The next entries to be stored; each must come back by `confirm` or `putBack`. */
  take(limit: number): SpoolItem[] {
    while (this.#ready.length < limit) {
      const segment = this.#segments.find((one) => one.hasUnread);
      if (segment === undefined) break;
      this.#load(segment);
    }
    return this.#ready.splice(0, limit);
  }

  /** The store has them: their files are emptied or removed once nothing in them is needed. */
  confirm(items: readonly SpoolItem[]): void {
    for (const { segment } of items) if (segment) segment.pending -= 1;
    for (const segment of this.#segments.filter((one) => one.isDrained)) {
      if (segment === this.#active) this.#attempt(() => segment.empty());
      else this.#drop(segment);
    }
  }

  putBack(items: readonly SpoolItem[]): void {
    this.#ready = [...items, ...this.#ready];
  }

  /** Puts aside what the store will never take. */
  refuse(items: readonly SpoolItem[]): void {
    this.#setAside(
      'refused',
      items.map(({ entry }) => JSON.stringify(entry)),
    );
    this.confirm(items);
  }

  /** On the disk itself when it resolves. */
  async sync(): Promise<void> {
    await Promise.all(this.#segments.map((segment) => segment.sync()));
  }

  /** Shows other processes that the waiting files have a living owner, while the store is away. */
  touch(): void {
    for (const segment of this.#segments) this.#attempt(() => this.#touch(segment));
  }

  async close(): Promise<void> {
    clearTimeout(this.#syncTimer);
    await this.sync();
    for (const segment of this.#segments) {
      if (segment.isDrained) segment.remove();
      else segment.close();
    }
    this.#segments = [];
    this.#folder?.close();
  }

  #openFolder(): SpoolFolder | undefined {
    const { folder } = this.#options;
    return folder && this.#attempt(() => new SpoolFolder(folder.dir, folder.storeName));
  }

  #adopt(): void {
    const files = (this.#folder && this.#attempt(() => this.#folder?.adopt())) ?? [];
    this.#segments = files.map((file) => Segment.open(file));
  }

  #hasUnread(): boolean {
    return this.#segments.some((segment) => segment.hasUnread);
  }

  #remember(item: SpoolItem): void {
    if (item.segment) item.segment.pending += 1;
    this.#ready.push(item);
  }

  #write(entry: Entry, keptInMemory: boolean): Segment | undefined {
    if (this.#folder === undefined) return undefined;
    return this.#attempt(() => {
      const segment = this.#writable();
      segment.append(toLine(entry), keptInMemory);
      this.#syncTimer ??= setTimeout(() => this.#syncSoon(), SYNC_MS).unref();
      return segment;
    });
  }

  #writable(): Segment {
    const { folder } = this.#options;
    const total = this.#segments.reduce((sum, segment) => sum + segment.size, 0);
    if (folder && total >= folder.maxBytes)
      throw new Error(`the spool holds ${total} bytes, as much as it may`);
    if (this.#active === undefined || this.#active.size >= SEGMENT_BYTES) {
      this.#active = Segment.open(this.#folder?.newFile() ?? '');
      this.#segments.push(this.#active);
    }
    return this.#active;
  }

  #syncSoon(): void {
    this.#syncTimer = undefined;
    this.sync().catch((error: unknown) => this.#report(error));
  }

  #load(segment: Segment): void {
    const { entries, damaged } = segment.readOn();
    for (const entry of entries) this.#remember({ entry, segment });
    this.#onDisk = Math.max(this.#onDisk - entries.length, 0);
    if (damaged.length > 0) this.#setAside('damaged', damaged);
    if (segment.isDrained) this.confirm([]);
  }

  #touch(segment: Segment): void {
    if (segment.touch()) return;
    // Another process took us for dead and has the file: what is in memory goes into a file of our own.
    this.#drop(segment);
    this.#ready = this.#ready.map((item) =>
      item.segment === segment ? { entry: item.entry, segment: this.#write(item.entry, true) } : item,
    );
  }

  #drop(segment: Segment): void {
    this.#segments = this.#segments.filter((one) => one !== segment);
    if (segment === this.#active) this.#active = undefined;
    this.#attempt(() => segment.remove());
  }

  #setAside(name: 'damaged' | 'refused', lines: readonly string[]): void {
    const file = this.#attempt(() => this.#folder?.setAside(name, lines));
    this.#options.report(
      new AuditError(
        'SPOOL_DAMAGED',
        `${lines.length} events of the spool were ${name}; they are kept in ${file ?? 'no file, there is none'}.`,
      ),
    );
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
