import type { EventCore } from '../event/entry.js';

/**
 * Why events never came to stand in the trail: there was no room for them, they were refused together with
 * what they describe, the outbox could not be written, their line in the spool was damaged, the store would
 * not take them, they were set aside in the outbox, or the trail already held their id with another body.
 */
export type GapReason =
  | 'no_room'
  | 'refused'
  | 'outbox'
  | 'damaged'
  | 'refused_by_store'
  | 'set_aside'
  | 'conflict';

/** What was lost for one reason; `numbers` are the first and last number of each run of numbered events. */
export interface Gap {
  readonly reason: GapReason;
  /** The process that had numbered the events, where it is known. */
  readonly process: string | undefined;
  count: number;
  readonly numbers: [number, number][];
}

/** Past so many runs a gap is told as one long run, of which `count` events are missing. */
const RUNS = 200;

/** Counts what was lost or refused until an AUDIT_GAP event can say so. */
export class Gaps {
  readonly #open = new Map<string, Gap>();
  readonly #onAdded: () => void;

  constructor(onAdded: () => void = () => undefined) {
    this.#onAdded = onAdded;
  }

  get isEmpty(): boolean {
    return this.#open.size === 0;
  }

  add(reason: GapReason, numbered?: EventCore['process'], count = 1): void {
    const gap = this.#of(reason, numbered?.id);
    gap.count += count;
    if (numbered) addNumber(gap.numbers, numbered.n);
    this.#onAdded();
  }

  /** The gaps to be told, which are then closed. */
  take(): Gap[] {
    const gaps = [...this.#open.values()];
    this.#open.clear();
    return gaps;
  }

  /** Opens again a gap that could not be told. */
  putBack({ reason, process, count, numbers }: Gap): void {
    const gap = this.#of(reason, process);
    gap.count += count;
    gap.numbers.unshift(...numbers);
  }

  #of(reason: GapReason, process: string | undefined): Gap {
    const key = `${reason} ${process}`;
    const gap = this.#open.get(key) ?? { reason, process, count: 0, numbers: [] };
    this.#open.set(key, gap);
    return gap;
  }
}

function addNumber(runs: [number, number][], n: number): void {
  const last = runs.at(-1);
  if (last && (n === last[1] + 1 || runs.length >= RUNS)) last[1] = Math.max(n, last[1]);
  else runs.push([n, n]);
}
