import { floorId } from '../event/id.js';

const HOUR_MS = 3_600_000;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** One a zone: making a format costs a hundred times what using it does. There are some 600 zones. */
const FORMATS = new Map<string, Intl.DateTimeFormat>();

/** The calendar day a moment falls on in a zone, as `2026-03-14`. */
function dayOf(ms: number, timeZone: string): string {
  let format = FORMATS.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    FORMATS.set(timeZone, format);
  }
  return format.format(ms);
}

/** True for a calendar date without a time, that exists. */
export function isDate(text: string): boolean {
  return DATE.test(text) && new Date(`${text}T00:00:00Z`).toISOString().startsWith(text);
}

/** The day after, or before with a negative number, as a calendar counts. */
export function addDays(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

export function today(now: number, timeZone: string): string {
  return dayOf(now, timeZone);
}

/** The first moment of a day in a zone, also where a clock change leaves out midnight. */
export function startOfDay(day: string, timeZone: string): number {
  const utc = Date.parse(`${day}T00:00:00Z`);
  // No zone is further than 14 hours from UTC; quarter hours are the finest step any zone has.
  let low = utc - 15 * HOUR_MS;
  let high = utc + 15 * HOUR_MS;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (dayOf(middle, timeZone) < day) low = middle;
    else high = middle;
  }
  return high;
}

/** The first ids of so many days up to and with `last`, and the first id beyond it. */
export function dayBounds(last: string, days: number, timeZone: string): string[] {
  return Array.from({ length: days + 1 }, (_, i) =>
    floorId(startOfDay(addDays(last, i + 1 - days), timeZone)),
  );
}
