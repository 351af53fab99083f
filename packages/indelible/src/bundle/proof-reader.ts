import { FILES, LONGEST_LINE } from './layout.js';
import { type ProofLine, readProofLine } from './lines.js';
import { readLines } from './read-lines.js';
import { refused } from './refusal.js';

/** Proofs are looked for so far ahead: those of events that were left out must not spoil the ones behind them. */
const FURTHEST = 1_000;

/** The proofs of a bundle, which stand in the order of their events. */
export class ProofReader {
  readonly #lines: AsyncGenerator<string>;
  /** Read, and not yet asked for. */
  readonly #ahead: Map<number, ProofLine> = new Map();
  #number = 0;
  #hasSpare = false;

  constructor(path: string) {
    this.#lines = readLines(path, LONGEST_LINE);
  }

  /** The proof for a leaf; undefined when it is not where it must be. */
  async next(index: number): Promise<ProofLine | undefined> {
    for (let read = 0; !this.#ahead.has(index) && read < FURTHEST; read += 1) {
      const proof = await this.#read();
      if (proof === undefined) break;
      this.#keep(proof);
    }
    const found = this.#ahead.get(index);
    this.#ahead.delete(index);
    return found;
  }

  /** Whether there were proofs that nobody asked for. */
  async isLeftOver(): Promise<boolean> {
    return this.#hasSpare || this.#ahead.size > 0 || (await this.#read()) !== undefined;
  }

  async close(): Promise<void> {
    await this.#lines.return(undefined);
  }

  #keep(proof: ProofLine): void {
    if (this.#ahead.has(proof.index)) this.#hasSpare = true;
    else this.#ahead.set(proof.index, proof);
    const [oldest] = this.#ahead.keys();
    if (this.#ahead.size <= FURTHEST || oldest === undefined) return;
    this.#ahead.delete(oldest);
    this.#hasSpare = true;
  }

  async #read(): Promise<ProofLine | undefined> {
    const { value, done } = await this.#lines.next();
    if (done === true) return undefined;
    this.#number += 1;
    const proof = readProofLine(value);
    if (proof === undefined) throw refused(`line ${this.#number} of ${FILES.proofs} is no proof`);
    return proof;
  }
}
