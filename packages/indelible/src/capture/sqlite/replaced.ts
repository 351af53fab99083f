import type { Table } from './catalogue.js';
import { quoteName } from './quote.js';

/** The columns for what names a row that is put aside. */
const KEYS = Array.from({ length: 16 }, (_, n) => `k${n}`);

export const PUT_ASIDE: string = `CREATE TEMP TABLE IF NOT EXISTS indelible_aside (place INTEGER, body TEXT, ${KEYS.join(', ')})`;

/**
 * The pieces of SQL that see what REPLACE deletes from one table.
 *
 * Without `PRAGMA recursive_triggers` REPLACE deletes rows past all triggers, and with it the application's
 * own triggers would behave differently. So the rows in the way are put aside before a row is written, and
 * those that are gone afterwards were deleted.
 */

export interface Replaced {
  readonly before: (op: 'INSERT' | 'UPDATE') => string;
  readonly after: string;
}

/** Undefined for a table whose rows cannot be named. */
export function replacedFrom(table: Table, place: number, body: string, put: string): Replaced | undefined {
  const names = table.rowid === undefined ? table.key : [table.rowid];
  if (names.length === 0 || names.length > KEYS.length) return undefined;
  const clear = `DELETE FROM temp.indelible_aside WHERE place=${place};`;
  const columns = KEYS.slice(0, names.length);
  const equal = (row: string, other: (name: string, n: number) => string): string =>
    names.map((name, n) => `${row}.${quoteName(name)}=${other(name, n)}`).join(' AND ');
  const keys = names.map((name) => `r.${quoteName(name)}`);
  const source = `SELECT ${place},${body},${keys.join(',')} FROM main.${quoteName(table.name)} AS r WHERE `;
  const ways = conflicts(table, names).join(' OR ');
  const itself = equal('r', (name) => `OLD.${quoteName(name)}`);
  const gone = `(${equal('NEW', (_, n) => `s.k${n}`)}) OR NOT EXISTS (SELECT 1 FROM main.${quoteName(table.name)} AS r WHERE ${equal('r', (_, n) => `s.k${n}`)})`;
  return {
    before: (op) =>
      `${clear} INSERT INTO temp.indelible_aside (place,body,${columns.join(',')}) ${source}(${ways})${op === 'UPDATE' ? ` AND NOT (${itself})` : ''};`,
    after: `${put} SELECT indelible_transaction(), indelible_context(), s.body FROM temp.indelible_aside AS s WHERE s.place=${place} AND (${gone}); ${clear}`,
  };
}

/** For each way in which two rows exclude one another, the condition that a row `r` is in the way of the new one. */
function conflicts(table: Table, names: readonly string[]): string[] {
  const own = table.rowid === undefined ? [] : [names.map((name) => ({ name, collation: 'BINARY' }))];
  return [...own, ...table.unique].map(
    (columns) =>
      `(${columns
        .map(
          ({ name, collation }) =>
            `r.${quoteName(name)}=NEW.${quoteName(name)} COLLATE ${quoteName(collation)}`,
        )
        .join(' AND ')})`,
  );
}
