import { SecretNames } from './secrets/names.js';
import { maskText } from './secrets/text.js';

/** What the default redaction should do besides, or leave alone. */
export interface RedactionOptions {
  /** Further names whose values are never recorded; matched in any spelling, also as part of a longer name. */
  readonly names?: readonly string[];
  /** Names that look secret and are not; matched in any spelling, but only as the whole name of a field. */
  readonly keep?: readonly string[];
}

const CACHED_NAMES = 4096;
const CACHED_LENGTH = 128;

/**
 * Finds secrets by the name of a field and by the look of a text. It changes nothing but what it returns.
 */
export class Redactor {
  readonly #names: SecretNames;
  readonly #known = new Map<string, boolean>();
  readonly #innocent = new Set<string>();
  readonly #isSecret = (name: string): boolean => this.isSecret(name);

  constructor(options: RedactionOptions = {}) {
    this.#names = new SecretNames(options.names ?? [], options.keep ?? []);
  }

  /** True when a field of this name must never be recorded. */
  isSecret(name: string): boolean {
    return this.#known.get(name) ?? this.#learn(name);
  }

  /** The text with every secret in it replaced by `[redacted]`; the same text when it holds none. */
  mask(text: string): string {
    return maskText(text, this.#isSecret);
  }

  /** True for a text that was remembered. */
  isInnocent(text: string): boolean {
    return this.#innocent.has(text);
  }

  /** To be told of a text that there is nothing to do about, and that is likely to come again and again. */
  remember(text: string): void {
    if (text.length > CACHED_LENGTH) return;
    if (this.#innocent.size >= CACHED_NAMES) this.#innocent.clear();
    this.#innocent.add(text);
  }

  #learn(name: string): boolean {
    const secret = this.#names.has(name);
    if (name.length > CACHED_LENGTH) return secret;
    // Names come from clients too: emptying it bounds the memory, and the common names are back at once.
    if (this.#known.size >= CACHED_NAMES) this.#known.clear();
    this.#known.set(name, secret);
    return secret;
  }
}
