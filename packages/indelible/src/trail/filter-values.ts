import { AuditError } from '../event/errors.js';
import { isList, msOf } from '../event/foreign.js';
import { idText } from '../event/id-text.js';
import { instantOf } from '../event/instant.js';
import { clipText, mendText } from '../event/text.js';
import { addDays, isDate, isTimeZone, startOfDay } from './days.js';

const LONGEST_TEXT = 500;
const SHOWN_CHARACTERS = 60;
/** What would write over a line of a log or turn its direction. */
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** The members of whatever was passed as a filter, each read once, and each of them one that is known. */
export function readMembers<N extends string>(
  given: unknown,
  known: readonly N[],
): { readonly [K in N]?: unknown } {
  const members = membersOf(given);
  const unknown = Object.keys(members).find((name) => !known.some((one) => one === name));
  if (unknown === undefined) return members;
  throw new AuditError('INVALID_FILTER', `${show(unknown)} is not a filter here; use ${known.join(', ')}.`);
}

/** An empty text is as good as none: a form sends the fields that were not filled in, too. */
export function isLeftOut(given: unknown): given is undefined | '' {
  return given === undefined || given === '';
}

export function text(name: string, given: unknown): string | undefined {
  if (isLeftOut(given)) return undefined;
  if (typeof given !== 'string') throw invalid(name, `is ${show(given)}`, 'give a text');
  if (given.length > LONGEST_TEXT)
    throw invalid(name, `has ${given.length} characters`, `give at most ${LONGEST_TEXT}`);
  // PostgreSQL can hold neither in a text, so no event can match.
  if (mendText(given) !== given) throw invalid(name, 'holds a NUL or half a character', 'leave it out');
  return given;
}

/** An id as the trail holds it, which of a long one keeps the beginning and the digest. */
export function id(name: string, given: unknown): string | undefined {
  return storedId(text(name, given));
}

export function storedId(given: unknown): string | undefined {
  return idText(given, new Set());
}

/** A text that must be there: without it, everything would match. */
export function required(name: string, given: unknown): string {
  const found = given === null ? undefined : text(name, given);
  if (found === undefined) throw invalid(name, 'is missing', 'say whose events are meant');
  return found;
}

export function whole(name: string, given: unknown, least: number, most: number): number | undefined {
  if (isLeftOut(given)) return undefined;
  if (typeof given === 'number' && Number.isInteger(given) && given >= least && given <= most) return given;
  throw invalid(name, `is ${show(given)}`, `give a whole number from ${least} to ${most}`);
}

export function oneOf<T extends string>(name: string, given: unknown, allowed: readonly T[]): T | undefined {
  if (isLeftOut(given)) return undefined;
  const found = allowed.find((value) => value === given);
  if (found === undefined) throw invalid(name, `is ${show(given)}`, `use ${allowed.join(', ')}`);
  return found;
}

/** The millisecond of an instant, or the first one of a day that is so many days on. */
export function moment(name: string, given: unknown, timeZone: string, days: 0 | 1 = 0): number | undefined {
  if (isLeftOut(given)) return undefined;
  if (typeof given === 'string' && isDate(given)) return startOfDay(addDays(given, days), timeZone);
  const ms = typeof given === 'string' ? instantOf(given) : msOf(given);
  if (ms !== undefined && Number.isFinite(ms)) return ms;
  throw invalid(
    name,
    `is ${ms === undefined ? show(given) : 'an invalid date'}`,
    'give a date such as 2026-03-14, or an instant such as 2026-03-14T09:30:00Z',
  );
}

export function zone(given: unknown): string | undefined {
  const timeZone = text('timeZone', given);
  if (timeZone === undefined || isTimeZone(timeZone)) return timeZone;
  throw invalid('timeZone', `is ${show(given)}, which is no time zone`, 'give a name such as Europe/Berlin');
}

export function invalid(name: string, found: string, remedy: string): AuditError {
  return new AuditError('INVALID_FILTER', `The filter ${name} ${found}; ${remedy}.`);
}

export function show(given: unknown): string {
  if (typeof given === 'string')
    return JSON.stringify(clipText(given, SHOWN_CHARACTERS)).replaceAll(UNSEEN, escaped);
  if (typeof given === 'number' || typeof given === 'boolean' || given === null) return String(given);
  if (isList(given)) return 'a list';
  return typeof given === 'object' ? 'an object' : `a ${typeof given}`;
}

/** A list, a map or the parameters of an address would otherwise pass for a filter that asks for everything. */
function membersOf(given: unknown): object {
  try {
    if (typeof given === 'object' && given !== null && !(Symbol.iterator in given)) return { ...given };
  } catch (cause) {
    throw new AuditError('INVALID_FILTER', 'The filter cannot be read; give a plain object.', cause);
  }
  throw new AuditError(
    'INVALID_FILTER',
    `The filter is ${show(given)}; give a plain object such as { model: "Patient" }.`,
  );
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
