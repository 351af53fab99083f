/** A date alone is one in UTC, as ECMAScript has it; a time without a zone could be anywhere's. */
const INSTANT = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}(?::?\d{2})?))?$/;
const DATE_LENGTH = 10;

/** The millisecond that a text names, the same for every reader; undefined when it names none. */
export function instantOf(text: string): number | undefined {
  if (!INSTANT.test(text) || !isDay(text.slice(0, DATE_LENGTH))) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** `Date.parse` takes the 30th of February for the second of March. */
function isDay(date: string): boolean {
  const ms = Date.parse(date);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date);
}
