import { randomUUID } from 'node:crypto';

/** A text, or a number outside texts. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs;
/** As many digits as a double holds for certain. */
const SURE = /^-?\d{1,15}$/;
const WHOLE = /^-?\d+$/;
const BYTES = /^~b:(\d+):([0-9a-f]{64})$/;

/**
 * JSON as a database wrote it, with no number changed: whole numbers too large for a double come as BigInt,
 * decimals that a double would round as their text.
 */
export function parseExact(text: string): unknown {
  return JSON.parse(text.replaceAll(TOKEN, markInexact), revive);
}

/** No text of anybody's begins like this. */
const MARK = `~n:${randomUUID()}:`;

function markInexact(token: string): string {
  if (token.startsWith('"') || SURE.test(token) || isExact(token)) return token;
  return JSON.stringify(MARK + token);
}

function isExact(token: string): boolean {
  const value = Number(token);
  return WHOLE.test(token) ? Number.isSafeInteger(value) : shortest(String(value)) === shortest(token);
}

/** `12.50` and `1E+07` as a double of theirs is written. */
function shortest(number: string): string {
  const [digits = '', exponent] = number.toLowerCase().split('e');
  const shortened = digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
  return exponent === undefined ? shortened : `${shortened}e${Number(exponent)}`;
}

function revive(_: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (value.startsWith(MARK)) return exactNumber(value.slice(MARK.length));
  const bytes = value.startsWith('~b:') ? BYTES.exec(value) : null;
  return bytes ? { size: Number(bytes[1]), digest: `sha256:${bytes[2]}` } : value;
}

function exactNumber(token: string): unknown {
  return WHOLE.test(token) ? BigInt(token) : token;
}
