import { createHash } from 'node:crypto';

/** PostgreSQL cuts longer names. */
const LONGEST_NAME = 63;
/** More would fill the server's memory in an application that writes a new text for each statement. */
const MOST_OWN_NAMES = 256;

/** The names of the statements that one connection keeps prepared. */
export class PreparedNames {
  readonly #texts = new Map<string, string>();
  readonly #own = new Set<string>();
  readonly #spoiled = new Set<string>();
  #epoch = 0;

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

  /** A name for a statement that has none, or undefined when there are enough. */
  make(text: string): string | undefined {
    const name = `indelible_${this.#epoch}_${digest(text)}`;
    if (this.#spoiled.has(name)) return undefined;
    if (!this.#own.has(name) && this.#own.size >= MOST_OWN_NAMES) return undefined;
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
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}
