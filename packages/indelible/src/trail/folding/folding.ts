import { AuditError } from '../../event/errors.js';
import { type LooseInput, readInput } from '../../event/input.js';
import type { Search } from '../../http/watching.js';
import type { ContextStack } from '../context.js';
import { inContext } from '../in-context.js';
import type { TrailStats } from '../stats.js';
import { type Fate, FLOOD, Floods } from './floods.js';
import type { Unnumbered } from './fold.js';
import { Folds } from './folds.js';
import { EXCESS, Requests } from './requests.js';
import { Searches } from './searches.js';

/** How often a flood says how many it has become. */
const FLUSH_MS = 10_000;

export interface FoldingParts {
  readonly context: ContextStack;
  readonly stats: TrailStats;
  /** Records an event that nobody waits for, outside of any context. */
  readonly tell: (event: LooseInput) => void;
  /** True while the event that tells of what was counted is sure to be kept as long as one of its own would be. */
  readonly mayCount: (action: string, model: string | undefined) => boolean;
  readonly report: (error: AuditError) => void;
}

/**
 * Makes one event with a count of many that say the same. What was counted and not yet told is in memory only:
 * a killed process loses it, and the trail shows by the event that announced the counting that there was more.
 */
export class Folding {
  readonly #parts: FoldingParts;
  readonly #attempts: Folds;
  readonly #excess: Folds;
  readonly #floods: Floods;
  readonly #requests: Requests;
  readonly #searches: Searches;
  #floodTimer: NodeJS.Timeout | undefined;
  #requestTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(parts: FoldingParts) {
    this.#parts = parts;
    const tell = (event: LooseInput): void => this.#safely(undefined, () => parts.tell(event));
    this.#attempts = new Folds(FLOOD, { tell, stats: parts.stats });
    this.#excess = new Folds(EXCESS, { tell, stats: parts.stats });
    this.#floods = new Floods(this.#attempts);
    this.#requests = new Requests(this.#excess);
    this.#searches = new Searches(tell);
  }

  /** What becomes of a failed sign-in, or of the denial of somebody who has not signed in. */
  flood(action: string, event: Unnumbered): Fate {
    return this.#safely<Fate>('told', () => {
      if (!this.#mayCount(action, event)) return 'told';
      const fate = this.#floods.take(action, event);
      if (fate === 'counted') this.#floodTimer ??= this.#later(FLUSH_MS, () => this.#tellAttempts());
      return fate;
    });
  }

  /** True when a request beyond `limit` of its key in this minute is told later, with others. */
  absorbsRequest(limit: number, key: string, event: LooseInput): boolean {
    return this.#safely(false, () => {
      if (!this.#mayCount('API_REQUEST', event)) return false;
      const place = this.#requests.beyond(limit, key);
      if (place === undefined) return false;
      this.#requests.add(place, inContext(readInput(event), this.#parts.context));
      this.#requestTimer ??= this.#later(this.#requests.remainingMs, () => this.#tellExcess());
      return true;
    });
  }

  /** True when a search is told a moment later, with those that somebody types now. */
  absorbsSearch({ event, text }: Search): boolean {
    return this.#safely(false, () => {
      const draft = inContext(readInput(event), this.#parts.context);
      const taken = this.#isClosed || !draft.isWhole ? undefined : this.#searches.take(draft, text);
      if (taken === 'joined') this.#parts.stats.folded += 1;
      return taken !== undefined;
    });
  }

  /** Tells everything that waits. */
  async flush(): Promise<void> {
    this.#stop();
    this.#searches.flush();
    await this.#attempts.flush();
    await this.#excess.flush();
  }

  /** From here on every event stands alone. */
  close(): void {
    this.#isClosed = true;
    this.#stop();
  }

  #mayCount(action: string, event: LooseInput): boolean {
    return !this.#isClosed && this.#parts.mayCount(action, event.target?.type);
  }

  #tellAttempts(): void {
    this.#floodTimer = undefined;
    void this.#attempts.flush();
  }

  #tellExcess(): void {
    this.#requestTimer = undefined;
    void this.#excess.flush();
  }

  #stop(): void {
    clearTimeout(this.#floodTimer);
    clearTimeout(this.#requestTimer);
    [this.#floodTimer, this.#requestTimer] = [undefined, undefined];
  }

  #later(ms: number, fire: () => void): NodeJS.Timeout {
    return this.#parts.context.outside(() => setTimeout(fire, ms).unref());
  }

  #safely<T>(otherwise: T, work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#parts.report(
        AuditError.from(error, 'TRAIL_UNAVAILABLE', 'An event could not be told with others'),
      );
      return otherwise;
    }
  }
}
