import type { Terminal } from './terminal.js';

const EVERY_MS = 2_000;

/** Says how far a long verification has come, where somebody looks on. */
export class Progress {
  readonly #terminal: Terminal;
  readonly #isWatched: boolean;
  #toldAt = performance.now();

  constructor(terminal: Terminal, isWatched: boolean) {
    this.#terminal = terminal;
    this.#isWatched = isWatched;
  }

  tell(verified: number, of: number): void {
    if (!this.#isWatched || performance.now() - this.#toldAt < EVERY_MS) return;
    this.#toldAt = performance.now();
    this.#terminal.note(`verified ${verified} of ${of} leaves (${Math.floor((verified * 100) / of)} %)`);
  }
}
