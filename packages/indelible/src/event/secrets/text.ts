import { maskJson } from './json.js';
import { maskPairs } from './pairs.js';
import { maskEncoded } from './percent.js';
import { REDACTED } from './spans.js';
import { maskValues } from './values.js';

/** Nearly every text without a secret has none of these, and is done with after this one look. */
const SUSPECT = /[=:]|%[\da-f]{2}|^\s*[[{]|eyJ|-----BEGIN |A[KS]IA|\d{4}[ -]?\d{4}|(?:bearer|basic)[ \t]/i;
/** A URL within a URL within a URL. */
const LEVELS = 2;

/** More than any text needs that was not made to defeat the search. */
const PASSES = 6;

/**
 * The text with every secret in it replaced; the same text when it holds none. What it returns it would
 * return unchanged: it looks until a look finds nothing, and a text that never comes to rest goes whole.
 */
export function maskText(text: string, isSecret: (name: string) => boolean): string {
  const look = new TextMask(isSecret);
  let masked = text;
  for (let pass = 0; pass < PASSES; pass++) {
    const next = look.mask(masked, LEVELS);
    if (next === masked) return masked;
    masked = next;
  }
  return REDACTED;
}

class TextMask {
  readonly #isSecret: (name: string) => boolean;

  constructor(isSecret: (name: string) => boolean) {
    this.#isSecret = isSecret;
  }

  /** JSON is read as JSON, anything else, and the texts in it, as text. */
  mask(text: string, levels: number): string {
    if (!SUSPECT.test(text)) return text;
    const isSecret = this.#isSecret;
    return (
      maskJson(text, { isSecret, mask: (inner) => this.#plain(inner, levels) }) ?? this.#plain(text, levels)
    );
  }

  #plain(text: string, levels: number): string {
    if (!SUSPECT.test(text)) return text;
    const masked = maskPairs(maskValues(text), this.#isSecret);
    return levels === 0 ? masked : maskEncoded(masked, (decoded) => this.mask(decoded, levels - 1));
  }
}
