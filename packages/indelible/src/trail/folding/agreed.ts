/** What all of several events say of one thing; undefined once they differ, or say nothing. */
export class Agreed<T> {
  #marks: readonly unknown[] | undefined;
  #value: T | undefined;
  #differ = false;

  /** Values are the same when all of their marks are. */
  see(value: T | undefined, ...marks: readonly unknown[]): void {
    if (this.#marks === undefined) [this.#marks, this.#value] = [marks, value];
    else if (!this.#marks.every((mark, n) => mark === marks[n])) this.#differ = true;
  }

  get value(): T | undefined {
    return this.#differ ? undefined : this.#value;
  }

  get differ(): boolean {
    return this.#differ;
  }
}
