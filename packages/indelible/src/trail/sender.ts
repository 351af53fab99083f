import { AsyncResource } from 'node:async_hooks';

import type { Entry } from '../event/entry.js';
import { AuditError } from '../event/errors.js';
import type { EventWriter } from '../stores/store.js';
import { conflictOf } from './append-apart.js';
import { inTime } from './deadline.js';
import type { GapReason } from './gaps.js';
import type { Spool, SpoolItem } from './spool/spool.js';
import type { TrailStats } from './stats.js';

const BATCH = 500;
/** How many entries are risked on a store that has failed, and perhaps hangs. */
const PROBE = 10;
const CONCURRENCY = 2;
/** What is safe in the spool waits for company: a store takes fifty events for little more than it takes one. */
const LINGER_MS = 50;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

/** An entry whose caller waits for the store. */
class Urgent {
  readonly entry: Entry;
  readonly stored: Promise<void>;
  isAwaited = true;
  resolve!: () => void;
  reject!: (error: AuditError) => void;

  constructor(entry: Entry) {
    this.entry = entry;
    this.stored = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

interface Batch {
  readonly urgent: readonly Urgent[];
  readonly items: readonly SpoolItem[];
}

export interface SenderOptions {
  /** Must answer, if only that it could not: one that hangs holds up everything. */
  readonly store: EventWriter;
  readonly spool: Spool;
  readonly stats: TrailStats;
  /** How long a caller waits for the store, in milliseconds. */
  readonly deadlineMs: number;
  readonly report: (error: AuditError) => void;
  /** Told of what the store will never hold. */
  readonly onLost: (reason: GapReason, entries: readonly Entry[]) => void;
  /** Called when a store that had failed answers again, or when nothing waits any more to try it with. */
  readonly onReady: () => void;
}

/**
 * Brings entries into the store in batches: whoever waits goes at once, together with everyone else who
 * waits, and the spool follows along. While the store is away the spool is tried again at growing intervals.
 */
export class Sender {
  readonly #options: SenderOptions;
  readonly #urgent = new Set<Urgent>();
  readonly #idle: (() => void)[] = [];
  /** Batches are nobody's request: else they would run in the context of whoever happened to start them. */
  readonly #scope = new AsyncResource('IndelibleSender');
  #running = 0;
  #timer: NodeJS.Timeout | undefined;
  #retryMs = 0;
  #isClosed = false;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Resolves when the store has the entry; rejects when it could not take it, or not in time. */
  async send(entry: Entry): Promise<void> {
    const urgent = new Urgent(entry);
    this.#urgent.add(urgent);
    if (this.#urgent.size === 1) setImmediate(() => this.#pump());
    try {
      await inTime(urgent.stored, this.#options.deadlineMs, 'the store');
    } finally {
      urgent.isAwaited = false;
      this.#urgent.delete(urgent);
    }
  }

  /** Something was put into the spool. */
  wake(): void {
    // What comes meanwhile is seen when a batch ends, or waits to be tried again.
    if (this.#timer !== undefined || this.#running >= CONCURRENCY || this.#isClosed) return;
    if (this.#retryMs > 0) this.#wait(this.#retryMs).unref();
    else if (this.#options.spool.waiting >= BATCH) this.#pump();
    else this.#wait(LINGER_MS);
  }

  /** Resolves when nothing is waiting any more, or the store cannot be reached. */
  async drain(): Promise<void> {
    this.#stopTimer();
    this.#pump();
    if (this.#running > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  close(): void {
    this.#isClosed = true;
    this.#stopTimer();
  }

  #wait(ms: number): NodeJS.Timeout {
    this.#timer = setTimeout(() => this.#onTimer(), ms);
    return this.#timer;
  }

  #onTimer(): void {
    this.#timer = undefined;
    if (this.#retryMs > 0 && !this.#options.spool.hasWaiting) this.#ready();
    this.#pump();
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #pump(): void {
    this.#scope.runInAsyncScope(() => {
      for (let batch = this.#next(); batch !== undefined; batch = this.#next()) {
        this.#running += 1;
        void this.#deliver(batch).finally(() => this.#ended());
      }
    });
  }

  /** After a failure one small batch at a time feels its way; whoever waits may always try. */
  #next(): Batch | undefined {
    if (this.#isClosed || this.#running >= CONCURRENCY) return undefined;
    const isFailing = this.#retryMs > 0;
    const limit = isFailing ? PROBE : BATCH;
    const urgent = this.#takeUrgent(limit);
    const items = isFailing && this.#running > 0 ? [] : this.#options.spool.take(limit - urgent.length);
    return urgent.length + items.length === 0 ? undefined : { urgent, items };
  }

  #takeUrgent(limit: number): Urgent[] {
    const taken: Urgent[] = [];
    for (const urgent of this.#urgent) {
      if (taken.length === limit) break;
      this.#urgent.delete(urgent);
      taken.push(urgent);
    }
    return taken;
  }

  #ended(): void {
    this.#running -= 1;
    const isMore = this.#retryMs === 0 && this.#options.spool.hasWaiting;
    if (this.#urgent.size > 0 || (isMore && this.#idle.length > 0)) this.#pump();
    else if (isMore) this.wake();
    if (this.#running > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #deliver(batch: Batch): Promise<void> {
    const entries = [...batch.urgent, ...batch.items].map(({ entry }) => entry);
    let conflicts: readonly string[];
    try {
      ({ conflicts } = await this.#options.store.append(entries));
    } catch (error) {
      const cause = AuditError.from(error, 'STORE_UNAVAILABLE', 'The store could not take events');
      return cause.code === 'EVENT_REFUSED' ? this.#divide(batch, cause) : this.#failed(batch, cause);
    }
    this.#succeeded(batch, entries, conflicts);
  }

  #succeeded({ urgent, items }: Batch, entries: readonly Entry[], conflicts: readonly string[]): void {
    const { stats, spool } = this.#options;
    // Whoever has stopped waiting has put the entry into the spool, which counts it when its turn comes.
    stats.stored += urgent.filter(({ isAwaited }) => isAwaited).length + items.length - conflicts.length;
    spool.confirm(items);
    for (const { resolve } of urgent) resolve();
    if (conflicts.length > 0) this.#conflicted(entries.filter(({ core }) => conflicts.includes(core.id)));
    if (stats.storeIsUp) return;
    stats.storeIsUp = true;
    this.#ready();
  }

  #conflicted(entries: readonly Entry[]): void {
    const { stats, report, onLost } = this.#options;
    stats.conflicts += entries.length;
    onLost('conflict', entries);
    report(conflictOf(entries));
  }

  /** Told once when the store goes away, and whenever it was tried again in vain. */
  #failed({ urgent, items }: Batch, error: AuditError): void {
    const { stats, spool, report } = this.#options;
    const isNews = stats.storeIsUp || urgent.length === 0;
    stats.failures += 1;
    stats.storeIsUp = false;
    spool.putBack(items);
    for (const { reject } of urgent) reject(error);
    if (isNews) report(error);
    this.#retry();
  }

  /** One entry the store will never take must not hold up the others: halves are tried until it stands alone. */
  async #divide({ urgent, items }: Batch, error: AuditError): Promise<void> {
    if (urgent.length + items.length > 1) {
      const [u, i] = [Math.ceil(urgent.length / 2), Math.floor(items.length / 2)];
      await this.#deliver({ urgent: urgent.slice(0, u), items: items.slice(0, i) });
      await this.#deliver({ urgent: urgent.slice(u), items: items.slice(i) });
      return;
    }
    for (const { reject } of urgent) reject(error);
    if (items.length > 0) this.#refused(items, error);
  }

  #refused(items: readonly SpoolItem[], cause: AuditError): void {
    const { stats, spool, report, onLost } = this.#options;
    const entries = items.map(({ entry }) => entry);
    const ids = entries.map(({ core }) => core.id).join(', ');
    const where = spool.refuse(items);
    stats.failures += 1;
    onLost('refused_by_store', entries);
    report(
      new AuditError(
        'EVENT_REFUSED',
        `The store will never take ${ids}, now ${where}: ${cause.message}`,
        cause,
      ),
    );
  }

  #ready(): void {
    this.#retryMs = 0;
    this.#options.onReady();
  }

  /** The waiting timer keeps no process alive: what it waits for is on disk. */
  #retry(): void {
    this.#retryMs = Math.min(Math.max(this.#retryMs * 2, FIRST_RETRY_MS), LAST_RETRY_MS);
    if (this.#timer === undefined && !this.#isClosed) this.#wait(this.#retryMs).unref();
  }
}
