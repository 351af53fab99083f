import type { ForeignKey, Table } from '../catalogue/catalogue.js';
import { place } from '../images/owners.js';
import type { Version } from '../images/row-text.js';
import { name } from '../quote.js';
import type { Job } from './job.js';
import { changeOrNull } from './statement-text.js';

/** What an UPDATE must return of its keys, and the parts that read the rows the keys are carried on to. */
export interface Carried {
  readonly more: readonly string[];
  readonly after: ReadonlyMap<string, string>;
}

/** The foreign keys by which captured rows elsewhere follow when these columns change. */
export function followers(
  table: Table,
  assigned: readonly string[],
  rowOf: Job['rowOf'],
): readonly ForeignKey[] {
  return table.referencedBy.filter(
    ({ from, referenced, onUpdate }) =>
      onUpdate !== 'none' &&
      rowOf(from) !== undefined &&
      referenced.some((column) => assigned.includes(column)),
  );
}

/** Reads the rows that follow a changed key; most updates that name a key do not change it, and then there are none. */
export function carriedOn(job: Job, before: Version, after: Version): Carried | string {
  const keys = followers(job.table, job.write.assigned, job.rowOf);
  const reason = keys.map((key) => obstacle(job, key)).find((found) => found !== undefined);
  if (reason !== undefined) return reason;
  const columns = [...new Set(keys.flatMap(({ referenced }) => referenced))];
  const more = columns.flatMap((column, at) => [
    `${before(column)} AS __old${at}`,
    `${after(column)} AS __new${at}`,
  ]);
  return { more, after: new Map(keys.map((key, at) => [`__m${at}`, following(job, key, columns)])) };
}

function following(
  { rowOf }: Job,
  { from, columns, referenced }: ForeignKey,
  known: readonly string[],
): string {
  const places = referenced.map((column) => known.indexOf(column));
  const moved: Version = (column) => {
    const at = places[columns.indexOf(column)];
    return at === undefined ? `__t.${name(column)}` : `__u.__new${at}`;
  };
  const change = rowOf(from)?.update(
    { before: (column) => `__t.${name(column)}`, after: moved },
    new Set(columns),
  );
  const met = columns.map((column, at) => `__t.${name(column)} = __u.__old${places[at]}`).join(' AND ');
  const differs = places.map((at) => `__u.__old${at} IS DISTINCT FROM __u.__new${at}`).join(' OR ');
  const lock = from.isLockable ? ' FOR NO KEY UPDATE OF __t' : '';
  const text = change ? changeOrNull(change) : 'NULL::text';
  return `SELECT ${text} AS __c FROM ${place(from)} AS __t JOIN __u ON ${met} WHERE (${differs})${lock}`;
}

/** What a second step would be needed for. */
function obstacle({ table, rowOf }: Job, { from, columns, onUpdate }: ForeignKey): string | undefined {
  if (onUpdate !== 'cascade') return `foreign keys of ${from.name} are cleared by a new key of ${table.name}`;
  if (from === table.root) return `${table.name} points at itself, and follows its own new keys`;
  if (followers(from, columns, rowOf).length > 0)
    return `foreign keys carry a new key of ${table.name} on beyond ${from.name}`;
  if (rowOf(from)?.unreadable()) return `this role must not read all of ${from.name}`;
  return from.isRowSecured ? `row security may hide rows of ${from.name} that follow` : undefined;
}
