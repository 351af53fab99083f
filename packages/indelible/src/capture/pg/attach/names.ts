import { createHash } from 'node:crypto';

import type { Rewritten } from '../plan.js';

/** PostgreSQL cuts longer names. */
const LONGEST_NAME = 63;
/** More would fill the server's memory in an application that writes a new text for each statement. */
const MOST_OWN_NAMES = 256;

/** So many statements are remembered as sent once; a second time makes a name worth its while. */
const MOST_SEEN = 1_000;

/** The names of the statements that one connection keeps prepared. */
export class PreparedNames {
  /** True, false, or undefined for: where it is safe. */
  readonly #mode: boolean | undefined;
  readonly #texts = new Map<string, string>();
  readonly #digests = new WeakMap<Rewritten, string>();
  readonly #seen = new Set<string>();
  readonly #own = new Set<string>();
  readonly #spoiled = new Set<string>();
  #isDirect = false;
  #epoch = 0;

  constructor(mode: boolean | undefined) {
    this.#mode = mode;
  }

  /**
   * A pooler in between may send the next statement to another server process, which knows no names of this one.
   * It shows by the process it pretends to be, which is not the one that answers.
   */
  learnProcess(promised: unknown, found: unknown): void {
    this.#isDirect = typeof promised === 'number' && promised === found;
  }

  /** The text of a statement that may be called by its name alone after the first time. */
  textOf(name: string): string | undefined {
    return this.#texts.get(name);
  }

  /** What the driver says when a name is used for a second text, which it cannot see when the name is changed. */
  learn(name: string, text: string): Error | undefined {
    const known = this.#texts.get(name);
    if (known !== undefined && known !== text)
      return new Error(`Prepared statements must be unique - '${name}' was used for a different statement`);
    this.#texts.set(name, text);
    return undefined;
  }

  /** The user's name with a suffix of the text that is really prepared, so that a new plan is prepared anew. */
  rename(name: string, text: string): string {
    const suffix = `~${digest(text)}`;
    return name.slice(0, LONGEST_NAME - suffix.length) + suffix;
  }

  /** A name for a statement that has none, so that the server keeps its plan; undefined when it gets none. */
  make(plan: Rewritten, text: string, isInTransaction: boolean): string | undefined {
    if (!(this.#mode ?? (this.#isDirect && isSteady(plan, text, isInTransaction)))) return undefined;
    const name = `indelible_${this.#epoch}_${this.#digestOf(plan)}`;
    if (this.#own.has(name)) return this.#spoiled.has(name) ? undefined : name;
    if (this.#own.size >= MOST_OWN_NAMES || !this.#isWorth(name)) return undefined;
    this.#own.add(name);
    return name;
  }

  /** A statement failed under a name of ours: it goes without one from now on. */
  spoil(name: string): void {
    if (this.#own.has(name)) this.#spoiled.add(name);
  }

  /** The server has forgotten every prepared statement. */
  forget(): void {
    this.#epoch += 1;
    this.#own.clear();
    this.#spoiled.clear();
  }

  #isWorth(name: string): boolean {
    if (this.#mode === true || this.#seen.delete(name)) return true;
    if (this.#seen.size >= MOST_SEEN) this.#seen.clear();
    this.#seen.add(name);
    return false;
  }

  #digestOf(plan: Rewritten): string {
    const known = this.#digests.get(plan) ?? digest(plan.text);
    this.#digests.set(plan, known);
    return known;
  }
}

/**
 * The server refuses a prepared statement whose answer has other columns now. Outside a transaction it is sent again;
 * a star makes that too likely, and inside one it would be too late.
 */
function isSteady({ answer }: Rewritten, text: string, isInTransaction: boolean): boolean {
  if (answer === 'count') return true;
  return !isInTransaction && !text.includes('*', text.toLowerCase().lastIndexOf('returning'));
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}
