import type { Column } from '../catalogue/catalogue.js';
import type { Version } from '../images/row-text.js';
import { carriedOn, followers } from './carried.js';
import { changingColumns, type Job, ofTarget, slice, targetName } from './job.js';
import { name } from '../quote.js';
import { isUnsteady, itemsOf } from './items.js';
import { namesOneRow } from './one-row.js';
import type { Parts } from './statement-text.js';

/** What stands in the error when rows that were found could not be changed. */
export const KEYS_MOVED = 'rows were found, but keys were changed meanwhile, and what could be changed are';

/** Since this version a write can return the old row beside the new one. */
const RETURNS_OLD = 180_000;

export function updateParts(job: Job): Parts | string {
  const parts = ownParts(job);
  if (typeof parts === 'string') return parts;
  const carried = carriedOn(job, parts.old, parts.now);
  if (typeof carried === 'string') return carried;
  return carried.after.size === 0 ? parts : { ...parts, ...carried };
}

/** The parts of the update itself, with how its old and new values are called in them. */
interface OwnParts extends Parts {
  readonly old: Version;
  readonly now: Version;
}

function ownParts(job: Job): OwnParts | string {
  if (returnsOld(job)) return withOld(job);
  return job.table.key.length === 0
    ? `the table ${job.table.name} has no primary key, which PostgreSQL before 18 needs for an UPDATE`
    : withLock(job);
}

/** A statement that says old or new may mean something of its own by it. */
export function returnsOld({ catalogue, text }: Job): boolean {
  return catalogue.version >= RETURNS_OLD && !/\b(old|new)\b/i.test(text);
}

function withOld(job: Job): OwnParts {
  const { target, set, from, where, assigned } = job.write;
  const old: Version = (column) => `old.${name(column)}`;
  const now: Version = (column) => `new.${name(column)}`;
  return {
    old,
    now,
    write: `UPDATE ${slice(job, target)} SET ${set ? slice(job, set) : ''}${from ? ` FROM ${slice(job, from)}` : ''}${where ? ` WHERE ${slice(job, where)}` : ''}`,
    change: job.row.update({ before: old, after: now }, changingColumns(job, assigned)),
    amount: namesOneRow(job) ? 'one' : 'many',
  };
}

/**
 * Locks the rows and copies what they hold, then updates the locked ones. The order of the keys keeps two such
 * statements from waiting for each other, and a condition that would not give the same rows twice is asked once.
 * A FROM list is asked twice, and so are its conditions: its queries become parts of the statement before that.
 */
function withLock(job: Job): OwnParts | string {
  const { target, set, from, where, assigned, returning } = job.write;
  const others = fromList(from ? slice(job, from) : '');
  const condition = where ? slice(job, where) : '';
  if (from && isUnsteady(others.text + condition)) return UNSTEADY;
  if (from && returning && hidesStar(slice(job, returning))) return STARRED;
  const changing = changingColumns(job, assigned);
  const copies = copiesOf(job, changing);
  const column = ofTarget(job);
  const list = [...copies].map(([each, copy]) => `${column(each)} AS ${copy}`).join(', ');
  const isOne = namesOneRow(job);
  const order = isOne ? '' : ` ORDER BY ${job.table.key.map(column).join(', ')}`;
  const strength = assigned.some((each) => job.table.key.includes(each)) ? 'UPDATE' : 'NO KEY UPDATE';
  const locked = job.table.key.map((each) => `${column(each)} = __o.${copies.get(each)}`).join(' AND ');
  const found = `${slice(job, target)}${from ? `, ${others.text}` : ''}${condition && ` WHERE ${condition}`}`;
  const sources = from ? `${others.text}, __o` : '__o';
  const old: Version = (each) => `__o.${copies.get(each)}`;
  return {
    old,
    now: column,
    before: [
      ...others.parts,
      `__o AS MATERIALIZED (SELECT ${list} FROM ${found}${order} FOR ${strength} OF ${targetName(job)})`,
    ],
    write: `UPDATE ${slice(job, target)} SET ${set ? slice(job, set) : ''} FROM ${sources} WHERE ${from && condition ? `(${condition}) AND ` : ''}${locked}`,
    change: job.row.update({ before: old, after: column }, changing),
    amount: isOne ? 'one' : 'many',
    guard: isOne ? undefined : guard(job),
    starred: from && returning && isStar(slice(job, returning)) ? copies.size : 0,
  };
}

/**
 * A row that was locked after its key had been changed is not found again by its new key, and its update would be
 * lost without a word. A trigger may leave rows out on purpose.
 */
function guard({ table, write }: Job): string | undefined {
  if (table.hasBeforeTriggers || table.root.hasBeforeTriggers) return undefined;
  const key = table.key.map((_, at) => `__b${at}`).join(', ');
  const found = `(SELECT count(${write.from ? `DISTINCT (${key})` : '*'}) FROM __o)`;
  const changed = '(SELECT count(*) FROM __u)';
  return `CASE WHEN ${found} = ${changed} THEN 0 ELSE (${found} || ' ${KEYS_MOVED} ' || ${changed})::int END = 0`;
}

const UNSTEADY = 'its FROM list may give other rows when it is read again, which PostgreSQL before 18 needs';
const STARRED = 'RETURNING has a star and more, beside a FROM list';

function fromList(text: string): { readonly parts: readonly string[]; readonly text: string } {
  const parts: string[] = [];
  const items = (text === '' ? [] : itemsOf(text)).map((item) => {
    if (item.queryLength === 0) return item.text;
    const part = `__f${parts.length}`;
    parts.push(`${part} AS MATERIALIZED ${item.text.slice(0, item.queryLength)}`);
    return `${part} ${item.text.slice(item.queryLength)}`;
  });
  return { parts, text: items.join(', ') };
}

function isStar(list: string): boolean {
  const items = itemsOf(list);
  return items.length === 1 && items[0]?.isStar === true;
}

/** A star that is not all would have columns of ours in the middle. */
function hidesStar(list: string): boolean {
  return !isStar(list) && itemsOf(list).some((item) => item.isStar);
}

/** Names for the old values that are no column's, so that the user's own names stay unambiguous. */
function copiesOf(job: Job, changing: ReadonlySet<string>): Map<string, string> {
  const { row, table, rowOf } = job;
  const needed = row.neededBefore(changing).map((column: Column) => column.name);
  const carried = followers(table, job.write.assigned, rowOf).flatMap(({ referenced }) => referenced);
  return new Map(
    [...new Set([...table.key, ...needed, ...carried])].map((column, at) => [column, `__b${at}`]),
  );
}
