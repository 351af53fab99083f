import type { TableReference, Unsupported } from '../statement.js';

/** No verb is longer, and any text may come to stand in its place. */
const LONGEST_VERB = 20;

/** The verb a statement begins with, as it is told. */
export function verbIn(word: string): string {
  return word.slice(0, LONGEST_VERB).toUpperCase() || 'UNKNOWN';
}

/** Each table is named once, however often it is written. */
export function unsupported(
  verb: string,
  tables: readonly (TableReference | undefined)[],
  reason: string,
): Unsupported {
  const named = new Map<string, TableReference>();
  for (const table of tables) {
    if (table !== undefined) named.set(`${table.schema ?? ''}\0${table.name}`, table);
  }
  return { kind: 'unsupported', verb, tables: [...named.values()], reason };
}
