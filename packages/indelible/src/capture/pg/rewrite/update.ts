import type { Column } from '../catalogue/catalogue.js';
import { changingColumns, type Job, ofTarget, slice, targetName } from './job.js';
import { name } from '../quote.js';
import { namesOneRow } from './one-row.js';
import type { Parts } from './statement-text.js';

/** Since this version a write can return the old row beside the new one. */
const RETURNS_OLD = 180_000;

export function updateParts(job: Job): Parts | string {
  if (returnsOld(job)) return withOld(job);
  return job.table.key.length === 0
    ? `the table ${job.table.name} has no primary key, which PostgreSQL before 18 needs for an UPDATE`
    : withLock(job);
}

/** A statement that says old or new may mean something of its own by it. */
export function returnsOld({ catalogue, text }: Job): boolean {
  return catalogue.version >= RETURNS_OLD && !/\b(old|new)\b/i.test(text);
}

function withOld(job: Job): Parts {
  const { target, set, from, where, assigned } = job.write;
  const version = (side: string) => (column: string) => `${side}.${name(column)}`;
  return {
    write: `UPDATE ${slice(job, target)} SET ${set ? slice(job, set) : ''}${from ? ` FROM ${slice(job, from)}` : ''}${where ? ` WHERE ${slice(job, where)}` : ''}`,
    change: job.row.update({ before: version('old'), after: version('new') }, changingColumns(job, assigned)),
    amount: namesOneRow(job) ? 'one' : 'many',
  };
}

/**
 * Locks the rows and copies what they hold, then updates the locked ones. The order of the keys keeps two such
 * statements from waiting for each other, and a condition that would not give the same rows twice is asked once.
 */
function withLock(job: Job): Parts {
  const { target, set, from, where, assigned } = job.write;
  const changing = changingColumns(job, assigned);
  const copies = copiesOf(job, changing);
  const column = ofTarget(job);
  const list = [...copies].map(([each, copy]) => `${column(each)} AS ${copy}`).join(', ');
  const others = from ? `, ${slice(job, from)}` : '';
  const condition = where ? ` WHERE ${slice(job, where)}` : '';
  const order = namesOneRow(job) ? '' : ` ORDER BY ${job.table.key.map(column).join(', ')}`;
  const strength = assigned.some((each) => job.table.key.includes(each)) ? 'UPDATE' : 'NO KEY UPDATE';
  const locked = job.table.key.map((each) => `${column(each)} = __o.${copies.get(each)}`).join(' AND ');
  const both = from && where ? `(${slice(job, where)}) AND ${locked}` : locked;
  return {
    before: [
      `__o AS MATERIALIZED (SELECT ${list} FROM ${slice(job, target)}${others}${condition}${order} FOR ${strength} OF ${targetName(job)})`,
    ],
    write: `UPDATE ${slice(job, target)} SET ${set ? slice(job, set) : ''} FROM ${from ? `${slice(job, from)}, ` : ''}__o WHERE ${both}`,
    change: job.row.update({ before: (each) => `__o.${copies.get(each)}`, after: column }, changing),
    amount: namesOneRow(job) ? 'one' : 'many',
    starred:
      from && /^\s*\*\s*$/.test(job.write.returning ? slice(job, job.write.returning) : '') ? copies.size : 0,
  };
}

/** Names for the old values that are no column's, so that the user's own names stay unambiguous. */
function copiesOf({ row, table }: Job, changing: ReadonlySet<string>): Map<string, string> {
  const needed = row.neededBefore(changing).map((column: Column) => column.name);
  return new Map([...new Set([...table.key, ...needed])].map((column, at) => [column, `__b${at}`]));
}
