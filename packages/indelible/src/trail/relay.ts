import { AuditError } from '../event/errors.js';
import type { EventWriter } from '../stores/store.js';
import type { Outbox } from './outbox.js';
import type { TrailStats } from './stats.js';

const BATCH = 500;
const SOONEST_MS = 5;
const LATEST_MS = 1_000;

export interface RelayOptions {
  readonly outbox: Outbox;
  readonly store: EventWriter;
  readonly stats: TrailStats;
  readonly report: (error: AuditError) => void;
}

/**
 * Moves committed entries from the outbox into the trail. It looks often while the application writes and
 * seldom otherwise, since other processes write to the same outbox. A crash anywhere repeats a batch, and
 * the ids make it once.
 */
export class Relay {
  readonly #options: RelayOptions;
  #timer: NodeJS.Timeout | undefined;
  #waitMs = LATEST_MS;
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** Something was written to the outbox by this process; its commit is a moment away. */
  wake(): void {
    if (this.#waitMs > SOONEST_MS * 4) this.#schedule(SOONEST_MS);
  }

  /** Moves everything that is committed now. */
  async drain(): Promise<void> {
    await this.#running;
    while ((await this.#relay()) > 0);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(waitMs: number): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    this.#waitMs = waitMs;
    this.#timer = setTimeout(() => this.#look(), waitMs).unref();
  }

  #look(): void {
    this.#running ??= this.#round().finally(() => {
      this.#running = undefined;
    });
  }

  async #round(): Promise<void> {
    const moved = await this.#relay();
    this.#schedule(moved > 0 ? SOONEST_MS : Math.min(this.#waitMs * 2, LATEST_MS));
  }

  async #relay(): Promise<number> {
    const { outbox, store, stats, report } = this.#options;
    try {
      return await outbox.relay(BATCH, async (entries) => {
        const { conflicts } = await store.append(entries);
        stats.stored += entries.length - conflicts.length;
        stats.conflicts += conflicts.length;
        if (conflicts.length > 0)
          report(
            new AuditError(
              'EVENT_CONFLICT',
              `The trail already holds ${conflicts.join(', ')} with another body; what was there first stays.`,
            ),
          );
      });
    } catch (error) {
      stats.failures += 1;
      report(
        AuditError.from(
          error,
          'OUTBOX_UNAVAILABLE',
          'The outbox could not be relayed; its events wait there',
        ),
      );
      return 0;
    }
  }

  /** Begins to look for what other processes, or an earlier life of this one, have left. */
  start(): void {
    this.#schedule(SOONEST_MS);
  }
}
