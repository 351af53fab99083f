/** The protocol counts parameters in two bytes. */
export const MOST_PARAMETERS = 65_535;

/**
 * A text as a literal of PostgreSQL that holds whatever it holds, under any setting of the session. What
 * no text of PostgreSQL can hold, NUL, is left out. The space in front keeps it apart from a word before.
 */
export function quoted(text: string): string {
  return ` E'${withoutNul(text).replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

export function withoutNul(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '') : text;
}

/**
 * Writes a value into a statement where it has a parameter that is one too many. Undefined when the
 * user's own text has the same letters, in a literal perhaps, so that they cannot be told apart.
 */
export function inlined(
  text: string,
  { from, parameter, value }: { from: string; parameter: number; value: string },
): string | undefined {
  const place = new RegExp(`\\$${parameter}(?!\\d)`, 'g');
  return place.test(from) ? undefined : text.replace(place, () => quoted(value));
}
