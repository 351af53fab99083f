import type { ForeignKey, Table } from './catalogue.js';
import { quoteName } from './quote.js';

/** The tables of the database by their names, which SQLite compares without regard to case. */
export type TablesByName = ReadonlyMap<string, Table>;

/**
 * What stands at the end of a path over foreign keys, as SQL; undefined for a path that cannot be followed.
 * A record on the way that is not there, or not any more, gives NULL.
 */
export function pathOf(
  steps: readonly string[],
  from: Table,
  row: string,
  tables: TablesByName,
): string | undefined {
  const met: Met[] = [];
  let table = from;
  let alias = row;
  for (const step of steps.slice(0, -1)) {
    const key = foreignKeyOf(table, step);
    const next = key && tables.get(key.table.toLowerCase());
    if (!key || !next) return undefined;
    const nextAlias = `p${met.length + 1}`;
    const to = key.to ?? next.key;
    const on = key.from.map(
      (name, at) => `${nextAlias}.${quoteName(to[at] ?? '')} = ${alias}.${quoteName(name)}`,
    );
    met.push({ table: `main.${quoteName(next.name)} AS ${nextAlias}`, on: on.join(' AND ') });
    [table, alias] = [next, nextAlias];
  }
  const column = table.columns.find(({ name }) => name === steps.at(-1));
  return column && selected(`${alias}.${quoteName(column.name)}`, met);
}

interface Met {
  readonly table: string;
  readonly on: string;
}

function selected(column: string, [first, ...rest]: readonly Met[]): string {
  if (!first) return column;
  const joined = rest.map(({ table, on }) => ` JOIN ${table} ON ${on}`).join('');
  return `(SELECT ${column} FROM ${first.table}${joined} WHERE ${first.on})`;
}

function foreignKeyOf(table: Table, step: string): ForeignKey | undefined {
  const named = [step, `${step}_id`, `${step}Id`];
  return named.flatMap((name) => table.foreignKeys.filter((key) => key.from.includes(name)))[0];
}
