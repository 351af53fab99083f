import type { ChangeText } from '../images/row-text.js';
import type { Rewritten } from '../plan.js';
import { name } from '../quote.js';
import { itemsOf } from './items.js';
import { contextAt, type Job, slice, targetName } from './job.js';
import { intoOutbox, putOne } from './outbox.js';

/** How many rows a write can have: it decides how its changes are brought together. */
export type Amount = 'one' | 'few' | 'many';

/** A write as parts of one WITH. */
export interface Parts {
  /** What stands before the write. */
  readonly before?: readonly string[];
  /** The write itself, up to RETURNING. */
  readonly write: string;
  /** The text of a row's change, among what the write returns. */
  readonly change: ChangeText;
  /** What else it must return, with names. */
  readonly more?: readonly string[];
  /** What reads further changes, by the name of the part. */
  readonly after?: ReadonlyMap<string, string>;
  readonly amount: Amount;
  /** What must hold when all is done, as a condition that raises an error where it does not. */
  readonly guard?: string | undefined;
  /** How many columns a bare star returns that are not the user's. */
  readonly starred?: number;
}

/** Puts the parts together and asks for what the user asked for. */
export function assemble(job: Job, parts: Parts): Rewritten {
  const isOne = parts.amount === 'one' && !job.failsClosed && !parts.after?.size;
  return isOne ? assembleOne(job, parts) : assembleMany(job, parts);
}

/** A single row brings its change to the outbox as it is returned, which spares most of the planning. */
function assembleOne(job: Job, parts: Parts): Rewritten {
  const ours = [putOne(job, parts.change), ...(parts.more ?? [])];
  const returning = job.write.returning ? [returned(job, parts), ...ours] : ['1', ...ours];
  const { before = [] } = parts;
  const head = before.length > 0 || job.write.with ? `${withText(job, before)} ` : '';
  return {
    ...answer(job),
    text: `${head}${parts.write} RETURNING ${returning.join(', ')}`,
    hiddenColumns: job.write.returning ? ours.length + (parts.starred ?? 0) : 0,
  };
}

function assembleMany(job: Job, parts: Parts): Rewritten {
  const { write } = job;
  const after = parts.after ?? new Map<string, string>();
  const outbox = intoOutbox(job, { parts: ['__u', ...after.keys()], areFew: parts.amount !== 'many' });
  const ours = [`${changeOrNull(parts.change)} AS __c`, ...(parts.more ?? [])];
  const returning = write.returning ? [returned(job, parts), ...ours] : ours;
  const steps = [
    ...(parts.before ?? []),
    `__u AS (${parts.write} RETURNING ${returning.join(', ')})`,
    ...[...after].map(([part, text]) => `${part} AS (${text})`),
    ...(outbox.part === undefined ? [] : [outbox.part]),
  ];
  const names = write.returned?.includes('*') ? undefined : write.returned;
  const wanted = write.returning ? (names?.map(name).join(', ') ?? '*') : 'count(*)';
  const conditions = [outbox.condition, parts.guard].filter((condition) => condition !== undefined);
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  return {
    ...answer(job),
    text: `${withText(job, steps)} SELECT ${wanted} FROM __u${where}`,
    hiddenColumns: write.returning && !names ? ours.length + (parts.starred ?? 0) : 0,
  };
}

export function changeOrNull({ text, when, isNullElse }: ChangeText): string {
  return when === undefined || isNullElse === true ? text : `CASE WHEN ${when} THEN ${text} END`;
}

function answer(job: Job): Omit<Rewritten, 'text' | 'hiddenColumns'> {
  return {
    kind: 'rewritten',
    contextAt: contextAt(job),
    command: job.write.verb,
    answer: job.write.returning ? 'rows' : 'count',
    model: job.row.model,
  };
}

function withText(job: Job, steps: readonly string[]): string {
  const head = job.write.with ? [slice(job, job.write.with)] : [];
  const text = [...head, ...steps].join(', ');
  return job.write.with ? text : `WITH ${text}`;
}

/** The user's list. A star would also mean the columns of what we join to the target. */
function returned(job: Job, { before }: Parts): string {
  const { returning, from } = job.write;
  if (!returning) return '';
  const list = slice(job, returning);
  if (from || !before) return list;
  return itemsOf(list)
    .map((item) => (item.isStar ? `${targetName(job)}.*` : item.text))
    .join(', ');
}
