const MINUTES_5 = 5 * 60_000;

/** Looking at the trail is recorded too: once for each viewer and question within five minutes. */
export class Viewings {
  readonly #last = new Map<string, number>();

  /** True when this viewing must be recorded. */
  begins(viewerId: number, question: string, now: number = Date.now()): boolean {
    for (const [key, at] of this.#last) if (now - at >= MINUTES_5) this.#last.delete(key);
    const key = `${viewerId} ${question}`;
    const isNew = !this.#last.has(key);
    if (isNew) this.#last.set(key, now);
    return isNew;
  }
}
