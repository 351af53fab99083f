/** So many different texts are told apart, and so long they may be. */
const MOST = 20;
const LONGEST = 200;

/** How often each of a few texts has come; what is one too many, or too long, is only counted. */
export class Tally {
  readonly #counts = new Map<string, number>();
  #others = 0;

  add(text: unknown, by: number): void {
    if (typeof text !== 'string' && typeof text !== 'number') return;
    const key = String(text);
    const count = this.#counts.get(key);
    const isKept = count !== undefined || (this.#counts.size < MOST && key.length <= LONGEST);
    if (isKept) this.#counts.set(key, (count ?? 0) + by);
    else this.#others += by;
  }

  /**
   * `{ [name]: text, count }` of each, and `{ others }` for the rest. The text is a value and no member's name,
   * since a name such as `wrong_password` would be taken for that of a secret.
   */
  told(name: string): Record<string, unknown>[] {
    const told = [...this.#counts].map(([text, count]): Record<string, unknown> => ({ [name]: text, count }));
    if (this.#others > 0) told.push({ others: this.#others });
    return told;
  }
}
