import { setImmediate as others } from 'node:timers/promises';

import type { LooseInput } from '../../event/input.js';
import type { TrailStats } from '../stats.js';
import { Fold, type FoldKind, type Unnumbered } from './fold.js';

/** So many are told before others may do something. */
const AT_ONCE = 200;

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
  #flushed: Promise<void> = Promise.resolve();

  constructor(kind: FoldKind, parts: FoldsParts) {
    this.#kind = kind;
    this.#parts = parts;
  }

  add(key: string, action: string, event: Unnumbered, by: number): void {
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

  async #tellAll(): Promise<void> {
    const folds = [...this.#open.values()];
    this.#open = new Map();
    for (let from = 0; from < folds.length; from += AT_ONCE) {
      if (from > 0) await others();
      for (const fold of folds.slice(from, from + AT_ONCE)) this.#parts.tell(fold.told());
    }
  }
}
