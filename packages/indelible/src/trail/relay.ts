import { AsyncResource } from 'node:async_hooks';

import type { Entry } from '../event/entry.js';
import { AuditError, messageOf } from '../event/errors.js';
import type { EventWriter } from '../stores/store.js';
import { appendApart, conflictOf } from './append-apart.js';
import { inTime } from './deadline.js';
import type { GapReason } from './gaps.js';
import type { Outbox, OutboxRow, Refusal } from './outbox.js';
import type { TrailStats } from './stats.js';

const BATCH = 500;
const SOONEST_MS = 5;
const LATEST_MS = 1_000;

export interface RelayOptions {
  readonly outbox: Outbox;
  readonly store: EventWriter;
  readonly stats: TrailStats;
  /** How long one look into the outbox, with everything it leads to, may take, in milliseconds. */
  readonly patienceMs: number;
  /** For one delivery: what answers which entries an outbox row stands for. */
  readonly completing: () => (row: OutboxRow) => Promise<readonly Entry[]>;
  readonly report: (error: AuditError) => void;
  /** Told of what will never come to stand in the trail. */
  readonly onLost: (reason: GapReason, count: number) => void;
}

/**
 * Moves what is committed from the outbox into the trail. It looks often while the application writes and
 * seldom otherwise, since other processes write to the same outbox. A crash anywhere repeats a batch, and
 * the ids make it once.
 */
export class Relay {
  readonly #options: RelayOptions;
  /** The work is nobody's request: else it would run in the context of whoever happened to wake it. */
  readonly #scope = new AsyncResource('IndelibleRelay');
  #timer: NodeJS.Timeout | undefined;
  #waitMs = LATEST_MS;
  /** The look that was begun last. One comes after the other: what one has claimed, another would not see. */
  #last: Promise<number> = Promise.resolve(0);
  #isClosed = false;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** Begins to look for what other processes, or an earlier life of this one, have left. */
  start(): void {
    this.#schedule(SOONEST_MS);
  }

  /** Something was written to the outbox by this process; its commit is a moment away. */
  wake(): void {
    if (this.#waitMs > SOONEST_MS * 4) this.#schedule(SOONEST_MS);
  }

  /** Moves everything that is committed now. */
  async drain(): Promise<void> {
    while ((await this.#next()) > 0);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#last;
  }

  #schedule(waitMs: number): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    this.#waitMs = waitMs;
    this.#timer = this.#scope.runInAsyncScope(() => setTimeout(() => void this.#look(), waitMs).unref());
  }

  #next(): Promise<number> {
    this.#last = this.#last.then(() => this.#relay());
    return this.#last;
  }

  async #look(): Promise<void> {
    const moved = await this.#next();
    this.#schedule(moved > 0 ? SOONEST_MS : Math.min(this.#waitMs * 2, LATEST_MS));
  }

  /** How many rows were moved; none when the outbox or the store failed, or would not answer. */
  async #relay(): Promise<number> {
    const { outbox, stats, patienceMs, report } = this.#options;
    try {
      const work = outbox.relay(BATCH, (rows) => this.#deliver(rows));
      const { rows, setAside } = await inTime(work, patienceMs, 'the outbox', 'OUTBOX_UNAVAILABLE');
      for (const row of setAside) this.#tellSetAside(row);
      return rows;
    } catch (error) {
      stats.failures += 1;
      const waiting = 'The outbox could not be relayed; its events wait there';
      report(AuditError.from(error, 'OUTBOX_UNAVAILABLE', waiting));
      return 0;
    }
  }

  /** A row is refused when one of its entries is; the others are stored, and stored once when it is tried again. */
  async #deliver(rows: readonly OutboxRow[]): Promise<readonly Refusal[]> {
    const refusals: Refusal[] = [];
    const owners = new Map<Entry, string>();
    const entriesOf = this.#options.completing();
    for (const row of rows) {
      try {
        for (const entry of await entriesOf(row)) owners.set(entry, row.seq);
      } catch (error) {
        refusals.push({ seq: row.seq, reason: `it cannot be read: ${messageOf(error)}` });
      }
    }
    const refused = await this.#append([...owners.keys()]);
    for (const [entry, cause] of refused) {
      const seq = owners.get(entry) ?? '';
      if (!refusals.some((one) => one.seq === seq)) refusals.push({ seq, reason: cause.message });
    }
    return refusals;
  }

  async #append(entries: readonly Entry[]): Promise<ReadonlyMap<Entry, AuditError>> {
    const { store, stats, report, onLost } = this.#options;
    const refused = new Map<Entry, AuditError>();
    for (let at = 0; at < entries.length; at += BATCH) {
      const batch = entries.slice(at, at + BATCH);
      const appended = await appendApart(store, batch);
      for (const [entry, cause] of appended.refused) refused.set(entry, cause);
      const { length } = appended.conflicts;
      stats.stored += batch.length - length - appended.refused.size;
      stats.conflicts += length;
      if (length === 0) continue;
      onLost('conflict', length);
      report(conflictOf(appended.conflicts));
    }
    return refused;
  }

  #tellSetAside({ seq, bodies }: OutboxRow): void {
    const { stats, report, onLost } = this.#options;
    stats.setAside += 1;
    onLost('set_aside', bodies.length);
    report(
      new AuditError(
        'EVENT_REFUSED',
        `Row ${seq} of the outbox was refused again and again and is set aside there; its last_error says why.`,
      ),
    );
  }
}
