import { canonicalize } from '../integrity/canonical.js';
import type { Json } from './event.js';
import { instantOf } from './instant.js';
import { Snapshot } from './snapshot.js';
import { readTagged } from './tagged.js';

/** Values that are larger than this, or deeper than a snapshot goes, count as different. */
const COMPARED_BYTES = 16 * 1024 * 1024;
const DECIMAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/**
 * Equal in meaning, though one side may come from a form and the other from a driver: an absence is null,
 * key order does not matter, a date equals its text, and the number 10 the decimal text `10.00`. Two texts
 * are equal only when they are the same. In doubt it is a change: one too many does less harm.
 */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b) || (isNothing(a) && isNothing(b))) return true;
  if (isNothing(a) || isNothing(b)) return false;
  if (typeof a === typeof b && typeof a !== 'object') return a === b;
  const one = copyOf(a);
  const other = copyOf(b);
  if (one === undefined || other === undefined) return false;
  return isSameCopy(readTagged(one), readTagged(other), isDate(one) || isDate(other));
}

function isNothing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function copyOf(value: unknown): Json | undefined {
  const snapshot = new Snapshot(COMPARED_BYTES);
  const copy = snapshot.take(value);
  return snapshot.flags.has('truncated') ? undefined : copy;
}

function isDate(copy: Json): boolean {
  return typeof copy === 'string' && copy.startsWith('~d:');
}

function isSameCopy(one: Json, other: Json, areDates: boolean): boolean {
  const [x, y] = areDates ? [timeOf(one), timeOf(other)] : [decimalOf(one), decimalOf(other)];
  return (x !== undefined && x === y) || canonicalize(one) === canonicalize(other);
}

function timeOf(value: Json): number | undefined {
  return typeof value === 'string' ? instantOf(value) : undefined;
}

/** The shortest text of the same decimal number. */
function decimalOf(value: Json): string | undefined {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  if (!DECIMAL.test(text)) return undefined;
  const shortest = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return shortest === '-0' ? '0' : shortest;
}
