const MOST = 100;

/** What was worked out a moment ago is told again, so that a page that many look at costs what one look does. */
export class Lately<T> {
  readonly #ms: number;
  readonly #kept: Map<string, { readonly at: number; readonly answer: Promise<T> }> = new Map();

  constructor(ms: number) {
    this.#ms = ms;
  }

  of(key: string, work: () => Promise<T>): Promise<T> {
    const known = this.#kept.get(key);
    if (known !== undefined && performance.now() - known.at < this.#ms) return known.answer;
    if (this.#kept.size >= MOST) this.#kept.clear();
    const answer = work();
    const kept = { at: performance.now(), answer };
    this.#kept.set(key, kept);
    // A failure is told to whoever waits for it, and to nobody after.
    answer.catch(() => this.#kept.get(key) === kept && this.#kept.delete(key));
    return answer;
  }
}
