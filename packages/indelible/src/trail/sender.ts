import type { Entry } from '../event/entry.js';
import { AuditError } from '../event/errors.js';
import type { EventWriter } from '../stores/store.js';
import type { Spool, SpoolItem } from './spool/spool.js';
import type { TrailStats } from './stats.js';

const BATCH = 500;
const CONCURRENCY = 2;
const LINGER_MS = 20;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

/** An entry whose caller waits for the store. */
interface Urgent {
  readonly entry: Entry;
  readonly resolve: () => void;
  readonly reject: (error: AuditError) => void;
}

interface Batch {
  readonly urgent: readonly Urgent[];
  readonly items: readonly SpoolItem[];
}

export interface SenderOptions {
  readonly store: EventWriter;
  readonly spool: Spool;
  readonly stats: TrailStats;
  readonly report: (error: AuditError) => void;
  /** Called whenever the store has taken something. */
  readonly onStored: () => void;
}

/**
 * Brings entries into the store in batches: whoever waits goes at once, together with everyone else who
 * waits, and the spool follows along. While the store is away the spool is tried again at growing intervals.
 */
export class Sender {
  readonly #options: SenderOptions;
  readonly #urgent: Urgent[] = [];
  #running = 0;
  #timer: NodeJS.Timeout | undefined;
  #retryMs = 0;
  readonly #idle: (() => void)[] = [];

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Resolves when the store has the entry; rejects when it could not take it. */
  send(entry: Entry): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#urgent.push({ entry, resolve, reject });
      if (this.#urgent.length === 1) setImmediate(() => this.#pump());
    });
  }

  /** Something was put into the spool. */
  wake(): void {
    if (this.#timer !== undefined || this.#retryMs > 0) return;
    if (this.#options.spool.length >= BATCH) this.#pump();
    else this.#timer = setTimeout(() => this.#onTimer(), LINGER_MS);
  }

  /** Resolves when nothing is waiting any more, or the store cannot be reached. */
  async drain(): Promise<void> {
    this.#stopTimer();
    this.#pump();
    if (this.#running > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  close(): void {
    this.#stopTimer();
  }

  #onTimer(): void {
    this.#timer = undefined;
    this.#pump();
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #pump(): void {
    while (this.#running < CONCURRENCY) {
      const batch = this.#next();
      if (batch === undefined) return;
      this.#running += 1;
      void this.#deliver(batch).finally(() => this.#ended());
    }
  }

  #next(): Batch | undefined {
    const urgent = this.#urgent.splice(0, BATCH);
    // After a failure one batch at a time feels its way; the spool keeps the rest.
    const spare = this.#retryMs > 0 && this.#running > 0 ? 0 : BATCH - urgent.length;
    const items = this.#options.spool.take(spare);
    return urgent.length + items.length === 0 ? undefined : { urgent, items };
  }

  #ended(): void {
    this.#running -= 1;
    if (this.#urgent.length > 0 || (this.#retryMs === 0 && this.#options.spool.hasWaiting)) this.#pump();
    if (this.#running > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #deliver(batch: Batch): Promise<void> {
    try {
      const entries = [...batch.urgent, ...batch.items].map(({ entry }) => entry);
      const { conflicts } = await this.#options.store.append(entries);
      this.#succeeded(batch, conflicts);
    } catch (error) {
      await this.#failed(
        batch,
        AuditError.from(error, 'STORE_UNAVAILABLE', 'The store could not take events'),
      );
    }
  }

  #succeeded({ urgent, items }: Batch, conflicts: readonly string[]): void {
    const { stats, spool, report } = this.#options;
    stats.stored += urgent.length + items.length - conflicts.length;
    stats.conflicts += conflicts.length;
    spool.confirm(items);
    for (const { resolve } of urgent) resolve();
    if (conflicts.length > 0) {
      report(
        new AuditError(
          'EVENT_CONFLICT',
          `The trail already holds ${conflicts.join(', ')} with another body; what was there first stays.`,
        ),
      );
    }
    stats.storeIsUp = true;
    this.#retryMs = 0;
    this.#options.onStored();
  }

  async #failed(batch: Batch, error: AuditError): Promise<void> {
    if (error.code === 'EVENT_REFUSED') return this.#divide(batch, error);
    const { stats, spool, report } = this.#options;
    stats.failures += 1;
    stats.storeIsUp = false;
    spool.putBack(batch.items);
    spool.touch();
    for (const { reject } of batch.urgent) reject(error);
    report(error);
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
    this.#options.stats.failures += 1;
    this.#options.spool.refuse(items);
    for (const { reject } of urgent) reject(error);
    this.#options.report(error);
  }

  /** The waiting timer keeps no process alive: what it waits for is on disk. */
  #retry(): void {
    this.#retryMs = Math.min(Math.max(this.#retryMs * 2, FIRST_RETRY_MS), LAST_RETRY_MS);
    this.#timer ??= setTimeout(() => this.#onTimer(), this.#retryMs).unref();
  }
}
