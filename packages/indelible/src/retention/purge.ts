import { AuditError } from '../event/errors.js';
import type { LooseInput } from '../event/input.js';
import type { SelectionPreview } from '../stores/removal.js';
import { countOf, type Decision, lastCutOff } from './manifest.js';
import type { RetentionTerms } from './policy.js';
import { type Asked, type PreviewOptions, Previewing } from './preview.js';
import { type Pace, type RemovalParts, type Removed, Removing } from './removing.js';
import { Runs } from './runs.js';

export interface PurgeOptions extends Omit<PreviewOptions, 'asOf'>, Pace {
  /** Stays for ever: name nobody in it. */
  readonly reason?: string | undefined;
}

export interface Purged extends Removed {
  /** The RETENTION_PURGE events that vouch for what this clean-up decided. */
  readonly events: readonly string[];
}

/** An event tells of so many actions and models by name. */
const MOST_NAMES = 50;

/** One clean-up: run by run, each decided over and vouched for by an event of its own, until nothing is left of it. */
export class Purge {
  readonly #parts: RemovalParts;
  readonly #asked: Asked;
  readonly #options: PurgeOptions;
  readonly #runSize: number | undefined;
  readonly #removing: Removing;
  readonly #events: string[] = [];
  #removed = 0;

  constructor(parts: RemovalParts, asked: Asked, options: PurgeOptions, runSize?: number) {
    this.#parts = parts;
    this.#asked = asked;
    this.#options = options;
    this.#runSize = runSize;
    this.#removing = new Removing(parts);
  }

  run(): Promise<Purged> {
    return this.#removing.alone(this.#options, () => this.#run());
  }

  /** What was broken off comes first, just as it was decided; what is decided now is decided by the rules of now. */
  async #run(): Promise<Purged> {
    const resumed = await this.#removing.goOn(this.#options);
    this.#removed = resumed.removed;
    if (!resumed.isDone) return this.#purged(false);
    await this.#parts.seal();
    const previewing = new Previewing(this.#parts);
    const asOf = await previewing.now();
    const all = await previewing.count(asOf, this.#asked);
    const runs = new Runs(this.#parts, { asOf, asked: this.#asked, size: this.#runSize });
    for (let next = await runs.next(); next !== undefined; next = await runs.next()) {
      const { reason, signal } = this.#options;
      if (signal?.aborted === true) return this.#purged(false);
      const decision = { kind: 'purge', ...next, reason, decidedAt: new Date().toISOString() } as const;
      if (!(await this.#carryOut(decision, all))) return this.#purged(false);
    }
    return this.#purged(true);
  }

  /** False when it was stopped. */
  async #carryOut(decision: Decision, all: SelectionPreview): Promise<boolean> {
    const { onProgress } = this.#options;
    const decided = await this.#removing.decide(decision, purgeEvent(decision, all));
    this.#events.push(decided.eventId);
    const before = this.#removed;
    const { removed, isDone } = await this.#removing.carryOut(decided, {
      ...this.#options,
      onProgress: (run) => onProgress?.({ removed: before + run.removed, total: all.count }),
    });
    this.#removed += removed;
    return isDone;
  }

  #purged(isDone: boolean): Purged {
    return { removed: this.#removed, isDone, events: this.#events };
  }
}

/** Refuses what only a preview may ask for. */
export function refuseDryRun(options: PurgeOptions, { floor }: RetentionTerms): void {
  const { days, asOf }: PreviewOptions = options;
  if (asOf !== undefined)
    throw new AuditError(
      'INVALID_OPTIONS',
      'Nothing was removed: asOf is for a preview, and a clean-up is always of now.',
    );
  const least = Math.max(floor.withSubject, floor.others);
  if (days === undefined || days >= least) return;
  throw new AuditError(
    'UNDER_FLOOR',
    `Nothing was removed: ${days} days are fewer than the floor of ${least}. preview() shows what they would mean. Ask for ${least} or more; for events without a subject set a policy for their action or model.`,
  );
}

/** The digest comes first, so that however much there is to tell, that is never what is cut. */
function purgeEvent(
  decision: Decision,
  { count, byAction, byModel, oldest, newest }: SelectionPreview,
): (digest: string) => LooseInput {
  return (digest) => ({
    action: 'RETENTION_PURGE',
    reason: decision.reason,
    metadata: {
      manifest: digest,
      count: countOf(decision),
      recorded_before: lastCutOff(decision.rules.map(({ clause }) => clause)),
      of: { count, oldest, newest, by_action: mostFrequent(byAction), by_model: mostFrequent(byModel) },
    },
  });
}

function mostFrequent(counts: Readonly<Record<string, number>>): Record<string, number> {
  const sorted = Object.entries(counts).toSorted(([, one], [, other]) => other - one);
  return Object.fromEntries(sorted.slice(0, MOST_NAMES));
}
