/** So many different texts are told apart, where nothing else is said, and so long they may be. */
const MOST = 20;
const LONGEST = 200;

/** A text that is told. Its weight is what it may have come at most: its count and that of all that stood in its place. */
interface Entry {
  weight: number;
  count: number;
}

/**
 * How often each of a few texts has come. Where there is no room, a new text takes the place and the weight of the rarest
 * (known as the algorithm Space-Saving), so that whatever makes up more of all than one part in so many places is named,
 * in whatever order they come. What is told of a text is what came since it took its place, and never too much; all else
 * is among the others, so that the sum is what came.
 */
export class Tally {
  readonly #room: number;
  readonly #entries = new Map<string, Entry>();
  #others = 0;

  constructor(room: number = MOST) {
    this.#room = room;
  }

  add(text: unknown, by: number): void {
    if (typeof text !== 'string' && typeof text !== 'number') return;
    const key = String(text);
    const entry = this.#entries.get(key) ?? this.#enter(key);
    if (entry === undefined) {
      this.#others += by;
      return;
    }
    entry.weight += by;
    entry.count += by;
  }

  /**
   * `{ [name]: text, count }` of each, and `{ others }` for the rest. The text is a value and no member's name,
   * since a name such as `wrong_password` would be taken for that of a secret.
   */
  told(name: string): Record<string, unknown>[] {
    const told = [...this.#entries].map(([text, { count }]): Record<string, unknown> => ({
      [name]: text,
      count,
    }));
    if (this.#others > 0) told.push({ others: this.#others });
    return told;
  }

  #enter(key: string): Entry | undefined {
    if (key.length > LONGEST) return undefined;
    const entry = { weight: this.#entries.size < this.#room ? 0 : this.#makeRoom(), count: 0 };
    this.#entries.set(key, entry);
    return entry;
  }

  /** The weight of the rarest, and of several the first that came, which is among the others from now on. */
  #makeRoom(): number {
    let rarest: [string, Entry] | undefined;
    for (const one of this.#entries)
      if (rarest === undefined || one[1].weight < rarest[1].weight) rarest = one;
    if (rarest === undefined) return 0;
    const [key, { weight, count }] = rarest;
    this.#entries.delete(key);
    this.#others += count;
    return weight;
  }
}
