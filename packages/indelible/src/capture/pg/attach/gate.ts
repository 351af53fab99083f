/** Keeps back, in pipeline mode, what would be sent before a statement is done that changes how it is planned. */
export class Gate {
  readonly #isNeeded: boolean;
  #held: (() => void)[] | undefined;

  /** Closed at first where it is needed: nothing can be planned before the connection is made. */
  constructor(isNeeded: boolean) {
    this.#isNeeded = isNeeded;
    this.close();
  }

  /** Sends a statement, now or when the gate opens. */
  pass(send: () => void): void {
    if (this.#held === undefined) send();
    else this.#held.push(send);
  }

  close(): void {
    if (this.#isNeeded) this.#held ??= [];
  }

  /** One of those that were kept back may close it again behind itself. */
  open(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const send of held) this.pass(send);
  }
}
