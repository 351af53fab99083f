import { AsyncResource } from 'node:async_hooks';

import type { Anchor } from './anchor.js';
import { type Assurance, assuranceOf } from './assurance.js';
import { type AnchorStats, Mooring, type MooringOptions } from './mooring.js';

const EVERY_MS = 60_000;
const DEADLINE_MS = 10_000;
const FIRST_RETRY_MS = 1_000;
/** An anchor may miss so many intervals before that is told. */
const PATIENCE = 3;

export interface AnchoringParts extends Pick<MooringOptions, 'log' | 'keys' | 'report'> {
  readonly anchors: readonly Anchor[];
  /** How often the newest checkpoint is anchored, if it is another one; a minute by default. */
  readonly everyMs?: number | undefined;
  readonly deadlineMs?: number | undefined;
}

/**
 * Keeps anchors up with the log as long as the process lives. Each goes its own way, so that one that hangs holds up
 * neither the others nor what is recorded; of what was missed only the newest checkpoint is needed, since it commits
 * to all before it.
 */
export class Anchoring {
  readonly #moorings: readonly Mooring[];
  readonly #everyMs: number;
  readonly #deadlineMs: number;
  /** The work is nobody's request. */
  readonly #scope = new AsyncResource('IndelibleAnchoring');
  readonly #timers: Map<Mooring, NodeJS.Timeout> = new Map();
  readonly #running: Map<Mooring, Promise<number>> = new Map();
  #isClosed = false;

  constructor({ anchors, log, keys, report, everyMs = EVERY_MS, deadlineMs = DEADLINE_MS }: AnchoringParts) {
    this.#everyMs = everyMs;
    this.#deadlineMs = deadlineMs;
    const options = { log, keys, report, deadlineMs, patienceMs: everyMs * PATIENCE };
    this.#moorings = anchors.map((anchor) => new Mooring(anchor, options));
  }

  /** Compares what each anchor holds with the log, and goes on from there. */
  start(): void {
    for (const mooring of this.#moorings) this.#schedule(mooring, 0, 0);
  }

  /** Puts the newest checkpoint in every anchor now; resolves when each has taken it, or failed to. */
  async anchorNow(): Promise<void> {
    await Promise.all(this.#moorings.map((mooring) => this.#run(mooring, 0)));
  }

  stats(): readonly AnchorStats[] {
    return this.#moorings.map(({ stats }) => stats);
  }

  assurance(): Assurance {
    return assuranceOf(this.stats());
  }

  /** Anchors what the log has come to, if that can be done in time. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.race([this.anchorNow(), after(this.#deadlineMs)]);
  }

  #schedule(mooring: Mooring, waitMs: number, retryMs: number): void {
    if (this.#isClosed) return;
    const timer = this.#scope.runInAsyncScope(() =>
      setTimeout(() => void this.#turn(mooring, retryMs), waitMs),
    );
    this.#timers.set(mooring, timer.unref());
  }

  async #turn(mooring: Mooring, retryMs: number): Promise<void> {
    const next = await this.#run(mooring, retryMs);
    this.#schedule(mooring, next === 0 ? this.#everyMs : next, next);
  }

  /** One after the other for each anchor. Resolves to how soon it must be tried again, 0 when nothing failed. */
  #run(mooring: Mooring, retryMs: number): Promise<number> {
    const before = this.#running.get(mooring) ?? Promise.resolve(0);
    const run = before.then(async () => ((await mooring.moor()) === 'done' ? 0 : this.#longer(retryMs)));
    this.#running.set(mooring, run);
    return run;
  }

  /** Never longer than the interval: an anchor that is back is behind by no more than that. */
  #longer(retryMs: number): number {
    return Math.min(Math.max(retryMs * 2, FIRST_RETRY_MS), this.#everyMs);
  }
}

async function after(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms).unref());
}
