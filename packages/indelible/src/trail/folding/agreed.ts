/** What all of several events say of one thing; undefined once they differ, or say nothing. */
export class Agreed<T> {
  #key: string | undefined;
  #value: T | undefined;
  #isOpen = true;
  #differ = false;

  /** `key` tells values apart. */
  see(value: T | undefined, key: string | undefined): void {
    if (this.#isOpen) {
      [this.#isOpen, this.#key, this.#value] = [false, key, value];
    } else if (this.#key !== key) this.#differ = true;
  }

  get value(): T | undefined {
    return this.#differ ? undefined : this.#value;
  }

  get differ(): boolean {
    return this.#differ;
  }
}
