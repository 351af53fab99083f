const MINUTES_5 = 5 * 60_000;
const MOST = 10_000;

/** Looking at the trail is recorded too: once for each viewer and question within five minutes. */
export class Viewings {
  /** In the order of their times. */
  readonly #last: Map<string, number> = new Map();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** True when this viewing must be recorded. */
  begins(viewer: string, question: string): boolean {
    const now = this.#now();
    for (const [key, at] of this.#last) {
      if (now - at < MINUTES_5 && this.#last.size <= MOST) break;
      this.#last.delete(key);
    }
    const key = JSON.stringify([viewer, question]);
    if (this.#last.has(key)) return false;
    this.#last.set(key, now);
    return true;
  }

  /** A viewing that could not be recorded was none. */
  forget(viewer: string, question: string): void {
    this.#last.delete(JSON.stringify([viewer, question]));
  }
}

/** Paging on is the same viewing. */
export function questionOf({ pathname, search }: URL): string {
  const parameters = new URLSearchParams(search);
  parameters.delete('cursor');
  parameters.sort();
  return `${pathname.replace(/\/$/, '')}?${parameters.toString()}`;
}
