/** Ids that a finding names. */
export const MOST_EVENTS = 500;

/** Acts that belong together, since each lies in a stretch of time that holds enough of them. */
export interface Run {
  count: number;
  /** The most that were seen within one stretch, as far as it matters. */
  peak: number;
  readonly events: string[];
  first: number;
  last: number;
}

interface Act {
  readonly id: string;
  readonly at: number;
  readonly count: number;
  isTold: boolean;
}

/**
 * Acts of one kind in the order of time, either way, and the runs among them. Of what was told only so much is kept as
 * it takes to know the highest threshold is met, so that no flood makes this longer than that threshold.
 */
export class Sliding {
  readonly runs: Run[] = [];
  readonly #withinMs: number;
  readonly #least: number;
  readonly #most: number;
  /** Everything within a stretch of the last act that may still matter. */
  readonly #recent: Act[] = [];
  #sum = 0;

  /** From `least` on acts are a run; beyond `most` it does not matter how many there are. */
  constructor(withinMs: number, least: number, most: number) {
    this.#withinMs = withinMs;
    this.#least = least;
    this.#most = most;
  }

  see(id: string, at: number, count: number): void {
    this.#dropWhile((act) => Math.abs(at - act.at) >= this.#withinMs);
    this.#recent.push({ id, at, count, isTold: false });
    this.#sum += count;
    if (this.#sum < this.#least) return;
    this.#tell();
    this.#dropWhile((act) => this.#sum - act.count >= this.#most);
  }

  /** A run goes on while a stretch with enough in it holds something of it. */
  #tell(): void {
    const isNew = !this.#recent.some(({ isTold }) => isTold);
    const run = (isNew ? undefined : this.runs.at(-1)) ?? this.#begin();
    run.peak = Math.max(run.peak, this.#sum);
    for (const act of this.#recent) {
      if (act.isTold) continue;
      act.isTold = true;
      run.count += act.count;
      run.first = Math.min(run.first, act.at);
      run.last = Math.max(run.last, act.at);
      // One event may stand for several acts.
      const isNamed = run.events.at(-1) === act.id;
      if (!isNamed && run.events.length < MOST_EVENTS) run.events.push(act.id);
    }
  }

  #begin(): Run {
    const run: Run = { count: 0, peak: 0, events: [], first: Infinity, last: -Infinity };
    this.runs.push(run);
    return run;
  }

  #dropWhile(isPast: (act: Act) => boolean): void {
    for (let [act] = this.#recent; act !== undefined && isPast(act); [act] = this.#recent) {
      this.#recent.shift();
      this.#sum -= act.count;
    }
  }
}
