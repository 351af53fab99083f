import { Refusal } from '../refusal.js';

/** Bounds how many follow the trail at once: each of them asks the store again and again. */
export class Listeners {
  readonly #most: number;
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get count(): number {
    return this.#count;
  }

  /** A place among them, until what it returns is called. */
  enter(): () => void {
    if (this.#count >= this.#most)
      throw new Refusal(503, `${this.#most} follow the trail already; try again in a while.`, {
        code: 'TOO_MANY_LISTENERS',
        headers: { 'Retry-After': '30' },
      });
    this.#count += 1;
    let isHere = true;
    return () => {
      if (isHere) this.#count -= 1;
      isHere = false;
    };
  }
}
