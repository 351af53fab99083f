import { decodePercent } from './percent.js';
import { INNOCENT } from './words.js';

/** The name in front of a `=` or `:`, as it stands in the text. */
export interface PairName {
  readonly text: string;
  readonly start: number;
  /** Whether it stands in quotes of its own, as in JSON. */
  readonly quoted: boolean;
}

const LONGEST_NAME = 128;
const LONGEST_PHRASE = 48;
const LAST_OF_MORE_WORDS = /^(?:key|number|num|no|code|string|phrase|word|url|uri|id)s?$/i;
const WORDS_BEFORE = /(?:([A-Za-z]{2,20}) )?([A-Za-z]{2,20}) $/;

/** The name that ends at `separator` and does not begin before `floor`. */
export function nameBefore(text: string, separator: number, floor: number): PairName | undefined {
  let end = separator;
  while (end > floor && isBlank(text.charCodeAt(end - 1))) end--;
  const quoted = end > floor && `"'\``.includes(text[end - 1] ?? ' ');
  if (quoted) end = beforeQuote(text, end - 1, floor);
  let start = end;
  const stop = Math.max(floor, end - LONGEST_NAME);
  while (start > stop && isNameCode(text.charCodeAt(start - 1))) start--;
  return start < end ? { text: text.slice(start, end), start, quoted } : undefined;
}

function beforeQuote(text: string, quote: number, floor: number): number {
  let end = quote;
  while (end > floor && text[end - 1] === '\\') end--;
  return end;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

/** Letters, digits and `$ % + - . @ [ ] _`, and all that is not ASCII. */
function isNameCode(code: number): boolean {
  if (code >= 97) return code <= 122 || code > 127;
  if (code >= 64) return code <= 91 || code === 93 || code === 95;
  if (code >= 48) return code <= 57;
  return code === 36 || code === 37 || code === 43 || code === 45 || code === 46;
}

/** Whether the value of this name is to be hidden. */
export function isSecretPair(text: string, name: PairName, isSecret: (name: string) => boolean): boolean {
  if (isSecret(name.text)) return !isInnocentPhrase(text, name);
  if (/[%+]/.test(name.text)) return isSecret(lastPart(decodePercent(name.text)));
  return LAST_OF_MORE_WORDS.test(name.text) && isSecretPhrase(text, name, isSecret);
}

/** What follows the last delimiter: `token` of a decoded `https://a.example/?token`. */
function lastPart(decoded: string): string {
  return /[^?&=/#;,:]*$/.exec(decoded)?.[0] ?? decoded;
}

/** "Prior authorization: granted" */
function isInnocentPhrase(text: string, name: PairName): boolean {
  const before = wordsBefore(text, name);
  return before !== undefined && INNOCENT.has(`${before[1]}${name.text}`.toLowerCase());
}

/** "API key: x" and "credit card number: x", where only the last word stands next to the colon. */
function isSecretPhrase(text: string, name: PairName, isSecret: (name: string) => boolean): boolean {
  const before = wordsBefore(text, name);
  if (!before) return false;
  const two = `${before[1]}${name.text}`.toLowerCase();
  return isSecret(two) || isSecret(`${before[0]}${two}`.toLowerCase());
}

/** The word before the name, and the one before that, which may be empty. */
function wordsBefore(text: string, name: PairName): [string, string] | undefined {
  const before = WORDS_BEFORE.exec(text.slice(Math.max(0, name.start - LONGEST_PHRASE), name.start));
  return before ? [before[1] ?? '', before[2] ?? ''] : undefined;
}
