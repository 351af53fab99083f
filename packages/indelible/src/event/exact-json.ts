import { randomUUID } from 'node:crypto';

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** As many digits as a double holds for certain. */
const SURE = /^-?\d{1,15}$/;
const WHOLE = /^-?\d+$/;
const BYTES = /^~b:(\d+):([0-9a-f]{64})$/;

/**
 * JSON as a database wrote it, with no number changed: whole numbers too large for a double come as BigInt,
 * decimals that a double would round as their text.
 */
export function parseExact(text: string): unknown {
  return exact(JSON.parse(withMarks(text)), 0);
}

/** Deeper than this nothing of a value is kept, so nothing there needs to be exact. */
const DEPTH = 64;

/** No text of anybody's begins like this. */
const MARK = `~n:${randomUUID()}:`;

/** Texts are passed over by hand: a pattern for them would overflow on one of megabytes. */
function withMarks(text: string): string {
  let marked = '';
  for (let at = 0; ;) {
    const open = text.indexOf('"', at);
    marked += text.slice(at, open < 0 ? text.length : open).replaceAll(NUMBER, markInexact);
    if (open < 0) return marked;
    at = endOfText(text, open);
    marked += text.slice(open, at);
  }
}

function endOfText(text: string, open: number): number {
  for (let at = open + 1; ; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x5c) at += 1;
    else if (code === 0x22) return at + 1;
    else if (Number.isNaN(code)) return text.length;
  }
}

function markInexact(number: string): string {
  return SURE.test(number) || isExact(number) ? number : JSON.stringify(MARK + number);
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

/** The value with its marks read, in place. */
function exact(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return unmarked(value);
  if (typeof value !== 'object' || value === null || depth > DEPTH) return value;
  for (const [key, member] of Object.entries(value)) {
    const read = exact(member, depth + 1);
    // Defined, not assigned: a member may be called __proto__.
    if (read !== member)
      Object.defineProperty(value, key, {
        value: read,
        enumerable: true,
        configurable: true,
        writable: true,
      });
  }
  return value;
}

function unmarked(text: string): unknown {
  if (text.startsWith(MARK)) return exactNumber(text.slice(MARK.length));
  const bytes = text.startsWith('~b:') ? BYTES.exec(text) : null;
  return bytes ? { size: Number(bytes[1]), digest: `sha256:${bytes[2]}` } : text;
}

function exactNumber(number: string): unknown {
  return WHOLE.test(number) ? BigInt(number) : number;
}
