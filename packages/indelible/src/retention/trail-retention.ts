import type { RetentionTerms } from './policy.js';
import {
  askedOf,
  momentOf,
  Previewing,
  type PreviewOptions,
  type RetentionOptions,
  type RetentionPreview,
  termsOf,
} from './preview.js';
import { Purge, type Purged, type PurgeOptions, refuseDryRun } from './purge.js';
import { type RemovalParts, requireRetention } from './removing.js';
import type { Hold, Policy } from './rule-events.js';
import { type HoldInput, type PolicyInput, Rules } from './rules.js';

/**
 * Lets events go whose time is over, so that it can be proved what went. Ages count from the moment of storing, by the
 * clock of the store, and are over at midnight in UTC.
 */
export class TrailRetention {
  readonly #parts: RemovalParts;
  readonly #terms: RetentionTerms;
  readonly #rules: Rules;
  readonly #previewing: Previewing;
  readonly #runSize: number | undefined;

  /** @internal */
  constructor(parts: RemovalParts, options: RetentionOptions = {}, runSize?: number) {
    this.#parts = parts;
    this.#terms = termsOf(options);
    this.#rules = new Rules(parts);
    this.#previewing = new Previewing(parts);
    this.#runSize = runSize;
  }

  policies(): Promise<readonly Policy[]> {
    return this.#rules.policies();
  }

  /**
   * Adds a policy, or replaces the one of its id; recorded as POLICY_CHANGE.
   *
   * @example
   * ```ts
   * await audit.retention.setPolicy({ match: { targetType: 'Invoice' }, days: 2_555, reason: 'tax law' });
   * ```
   */
  setPolicy(policy: PolicyInput): Promise<Policy> {
    return this.#rules.setPolicy(policy);
  }

  removePolicy(id: string): Promise<void> {
    return this.#rules.removePolicy(id);
  }

  holds(): Promise<readonly Hold[]> {
    return this.#rules.holds();
  }

  /**
   * Keeps what matches until the hold is released; recorded as HOLD_PLACED. Resolves to the id of the hold.
   *
   * @example
   * ```ts
   * const hold = await audit.retention.placeHold({ match: { subjectId: '42' }, reason: 'claim 2026-118' });
   * await audit.retention.releaseHold(hold, 'settled');
   * ```
   */
  placeHold(hold: HoldInput): Promise<string> {
    return this.#rules.placeHold(hold);
  }

  releaseHold(id: string, reason?: string): Promise<void> {
    return this.#rules.releaseHold(id, reason);
  }

  /**
   * What a clean-up would remove now, or at another moment. Changes nothing.
   *
   * @example
   * ```ts
   * const { count, byAction, keptByHolds } = await audit.retention.preview();
   * ```
   */
  async preview(options: PreviewOptions = {}): Promise<RetentionPreview> {
    requireRetention(this.#parts.store);
    const asOf = options.asOf === undefined ? await this.#previewing.now() : momentOf(options.asOf);
    return this.#previewing.at(asOf, askedOf(options, this.#terms));
  }

  /**
   * Removes what a preview shows. First it goes on with what was broken off; it is alone on the trail; it seals what is
   * stored, decides, records a RETENTION_PURGE, and only then removes. Stopped or killed, it is gone on with the next
   * time.
   *
   * @example
   * ```ts
   * const { removed } = await audit.retention.purge({ reason: 'monthly clean-up' });
   * ```
   */
  async purge(options: PurgeOptions = {}): Promise<Purged> {
    refuseDryRun(options, this.#terms);
    return new Purge(this.#parts, askedOf(options, this.#terms), options, this.#runSize).run();
  }
}
