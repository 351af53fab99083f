/** Words between a handler and its test: each is given once, and whoever waits for it goes on. */
export class Signals {
  readonly #latches = new Map<string, Latch>();

  give(word: string): void {
    this.#latch(word).open();
  }

  given(word: string): Promise<void> {
    return this.#latch(word).opened;
  }

  isGiven(word: string): boolean {
    return this.#latch(word).isOpen;
  }

  #latch(word: string): Latch {
    const known = this.#latches.get(word) ?? new Latch();
    this.#latches.set(word, known);
    return known;
  }
}

class Latch {
  readonly opened: Promise<void>;
  isOpen = false;
  #resolve!: () => void;

  constructor() {
    this.opened = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  open(): void {
    this.isOpen = true;
    this.#resolve();
  }
}
