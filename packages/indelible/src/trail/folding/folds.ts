import { setImmediate as others } from 'node:timers/promises';

import type { LooseInput } from '../../event/input.js';
import type { TrailStats } from '../stats.js';
import { Fold, type FoldKind, type Unnumbered } from './fold.js';

/** So many are told before others may do something. */
const AT_ONCE = 200;

/** So many folds are open for parts; what comes for any more is told as a whole. */
const PARTS = 10_000;

/** Where an event is folded: with all of a key, or with a part of them, while the key has no more than `parts`. */
export interface FoldPlace {
  readonly key: string;
  readonly part?: string;
  readonly parts?: number;
}

export interface FoldsParts {
  /** Records an event that nobody waits for, outside of any context. */
  readonly tell: (event: LooseInput) => void;
  readonly stats: TrailStats;
}

/** The folds of one kind that are open, each under its key. */
export class Folds {
  readonly #kind: FoldKind;
  readonly #parts: FoldsParts;
  #open: Map<string, Fold> = new Map();
  /** How many parts of each key are open. */
  #partsOf: Map<string, number> = new Map();
  #flushed: Promise<void> = Promise.resolve();

  constructor(kind: FoldKind, parts: FoldsParts) {
    this.#kind = kind;
    this.#parts = parts;
  }

  add(place: FoldPlace, action: string, event: Unnumbered, by: number): void {
    const key = this.#keyOf(place);
    let fold = this.#open.get(key);
    if (fold === undefined) this.#open.set(key, (fold = new Fold(action, this.#kind)));
    fold.add(event, by);
    this.#parts.stats.folded += by;
  }

  /** Resolves when everything that was in here has been told. */
  flush(): Promise<void> {
    this.#flushed = this.#flushed.then(() => this.#tellAll());
    return this.#flushed;
  }

  #keyOf({ key, part, parts = 0 }: FoldPlace): string {
    const whole = `all ${key}`;
    if (part === undefined) return whole;
    const narrow = `part ${key} ${part}`;
    if (this.#open.has(narrow)) return narrow;
    const count = this.#partsOf.get(key) ?? 0;
    if (count >= parts || this.#open.size >= PARTS) return whole;
    this.#partsOf.set(key, count + 1);
    return narrow;
  }

  async #tellAll(): Promise<void> {
    const folds = [...this.#open.values()];
    [this.#open, this.#partsOf] = [new Map(), new Map()];
    for (let from = 0; from < folds.length; from += AT_ONCE) {
      if (from > 0) await others();
      for (const fold of folds.slice(from, from + AT_ONCE)) this.#parts.tell(fold.told());
    }
  }
}
