const MINUTE_MS = 60_000;

/** How often something has come in this minute, and what it is counted under. */
export interface Place {
  readonly key: string;
  readonly nth: number;
}

/** Counts what comes under each key, from minute to minute, in bounded memory. */
export class MinuteCounts {
  readonly #room: number;
  readonly #counts = new Map<string, number>();
  #endsAt = 0;

  constructor(room: number) {
    this.#room = room;
  }

  /** How long this minute goes on. */
  get remainingMs(): number {
    return Math.max(this.#endsAt - performance.now(), 0);
  }

  /** Counts under the first of the keys, narrowest first, that is known or that there is still room for. */
  add(keys: readonly string[], by: number): Place {
    const now = performance.now();
    if (now >= this.#endsAt) {
      this.#counts.clear();
      this.#endsAt = now + MINUTE_MS;
    }
    const key = keys.find((one, n) => this.#takes(one, n)) ?? '';
    const nth = (this.#counts.get(key) ?? 0) + by;
    this.#counts.set(key, nth);
    return { key, nth };
  }

  /** Each wider key has a tenth of the room more, so that the narrower ones cannot crowd it out. */
  #takes(key: string, width: number): boolean {
    return this.#counts.has(key) || this.#counts.size < this.#room * (1 + width / 10);
  }
}
