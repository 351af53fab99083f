import { floorId } from '../event/id.js';
import { instantOf } from '../event/instant.js';

const DAY_MS = 86_400_000;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const OFFSET = /GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/;

/** Making a format costs a hundred times what using it does. Whoever asks can spell a zone in many ways, so only some are kept. */
const MOST_FORMATS = 100;
const FORMATS = new Map<string, Intl.DateTimeFormat>();

/** True for the name of a time zone, such as `Europe/Berlin`. */
export function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    // Intl has no other way to say that it does not know a zone.
    return false;
  }
}

/** True for a calendar date without a time, that exists. */
export function isDate(text: string): boolean {
  return DATE.test(text) && instantOf(text) !== undefined;
}

/** The day after, or before with a negative number, as a calendar counts. */
export function addDays(day: string, days: number): string {
  return dateText(midnightOf(day) + days * DAY_MS);
}

/** The calendar day that a moment falls on in a zone, as `2026-03-14`. */
export function today(now: number, timeZone: string): string {
  return dateText(now + offsetAt(now, timeZone));
}

/**
 * The first moment of a day in a zone. Where a clock change leaves out midnight it is the moment of the change, and
 * where midnight comes twice it is the first; a day that a zone leaves out ends as it begins.
 */
export function startOfDay(day: string, timeZone: string): number {
  const midnight = midnightOf(day);
  // No zone is a whole day from UTC, and none changes its clocks twice in two days.
  const [earliest, latest] = [midnight - DAY_MS, midnight + DAY_MS];
  const [before, after] = [offsetAt(earliest, timeZone), offsetAt(latest, timeZone)];
  if (before === after) return midnight - before;
  const change = changeBetween(earliest, latest, timeZone);
  return midnight - before < change ? midnight - before : Math.max(change, midnight - after);
}

/** The first ids of so many days up to and with `last`, and the first id beyond it. */
export function dayBounds(last: string, days: number, timeZone: string): string[] {
  return Array.from({ length: days + 1 }, (_, i) =>
    floorId(startOfDay(addDays(last, i + 1 - days), timeZone)),
  );
}

/** The first millisecond at which a zone's clock no longer stands as it did at `low`. */
function changeBetween(low: number, high: number, timeZone: string): number {
  const before = offsetAt(low, timeZone);
  let [from, to] = [low, high];
  while (to - from > 1) {
    const middle = Math.floor((from + to) / 2);
    if (offsetAt(middle, timeZone) === before) from = middle;
    else to = middle;
  }
  return to;
}

/** How far a zone's clock is ahead of UTC at a moment, in milliseconds. */
function offsetAt(ms: number, timeZone: string): number {
  const [, sign, hours = 0, minutes = 0, seconds = 0] = OFFSET.exec(formatOf(timeZone).format(ms)) ?? [];
  const ahead = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  return (sign === '-' ? -ahead : ahead) * 1_000;
}

/** The text of a date in a year beyond 9999 is longer than ten characters. */
function dateText(ms: number): string {
  const text = new Date(ms).toISOString();
  return text.slice(0, text.indexOf('T'));
}

function midnightOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = FORMATS.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
    if (FORMATS.size >= MOST_FORMATS) FORMATS.clear();
    FORMATS.set(timeZone, format);
  }
  return format;
}
