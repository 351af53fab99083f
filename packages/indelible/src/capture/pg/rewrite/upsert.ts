import type { Column, Table } from '../catalogue/catalogue.js';
import { jsonText } from '../images/value.js';
import { insertedAmount } from './insert.js';
import { changingColumns, type Job, ofTarget, slice, targetName } from './job.js';
import type { ChangeText } from '../images/row-text.js';
import { name } from '../quote.js';
import { changeOrNull, type Parts } from './statement-text.js';
import { returnsOld } from './update.js';

const STASH = 'indelible.old';
/** Emptied by every row that took out what is in it. */
const EMPTIED = 'indelible.old_part';

export function upsertParts(job: Job): Parts | string {
  const changing = changingColumns(job, job.write.conflict?.assigned ?? []);
  const way = returnsOld(job) ? byOld(job, changing) : byStash(job, changing);
  if (typeof way === 'string') return way;
  const { kept, isInserted, updated, more } = way;
  const amount = insertedAmount(job);
  const inserted = job.row.insert(ofTarget(job));
  return {
    write: upsertText(job, kept),
    change: {
      text: `CASE WHEN ${isInserted} THEN ${inserted.text} ELSE ${updated.text} END`,
      when: updated.when && `${isInserted} OR ${updated.when}`,
    },
    ...(more ? { more } : {}),
    // The text may be null here, which only a bundle leaves out.
    amount: kept !== undefined && amount === 'one' ? 'few' : amount,
  };
}

interface Way {
  /** What the condition of DO UPDATE must also do. */
  readonly kept?: string;
  readonly isInserted: string;
  readonly updated: ChangeText;
  readonly more?: readonly string[];
}

function byOld({ row, table }: Job, changing: ReadonlySet<string>): Way | string {
  const version = (side: string) => (column: string) => `${side}.${name(column)}`;
  const [key] = table.key;
  if (table.kind === 'partitioned' && key === undefined) return keyless(table);
  const sign = table.kind === 'partitioned' && key !== undefined ? name(key) : 'ctid';
  return {
    isInserted: `old.${sign} IS NULL`,
    updated: row.update({ before: version('old'), after: version('new') }, changing),
  };
}

/**
 * What a row replaces is known only once it is locked, when the condition of DO UPDATE is asked; a read of the
 * table in the same statement would be of an earlier moment. So that condition puts the row away, and RETURNING,
 * which follows for the same row before the next one, takes it out. A new version of a row that was locked has
 * its locker in `xmax`, an inserted one has nobody. A partitioned table does not show it: there it counts whether
 * something was put away, which is right as long as no trigger can keep a row from coming to RETURNING.
 */
function byStash(job: Job, changing: ReadonlySet<string>): Way | string {
  const isParted = job.table.kind === 'partitioned';
  if (isParted && job.table.hasBeforeTriggers) return triggered(job.table);
  const stash = isParted ? EMPTIED : STASH;
  const column = ofTarget(job);
  const needed = job.row.neededBefore(changing);
  const texts = needed.map((each) => jsonText(each, column(each.name)));
  const at = (each: Column): string => `__s.o[${needed.indexOf(each) + 1}]`;
  const changed = job.row.update({ before: column, after: column, written: at }, changing);
  const updated = changeOrNull(changed);
  const stashed = `SELECT current_setting('${stash}', true)::text[] AS o OFFSET 0`;
  return {
    kept: `set_config('${stash}', ARRAY[${texts.join(', ')}]::text[]::text, true) IS NOT NULL`,
    isInserted: isParted
      ? `coalesce(current_setting('${stash}', true), '') = ''`
      : `${targetName(job)}.xmax = 0`,
    updated: { text: `(SELECT ${updated} FROM (${stashed}) __s)`, when: undefined },
    ...(isParted ? { more: [`set_config('${stash}', '', true) AS __z`] } : {}),
  };
}

function upsertText(job: Job, kept: string | undefined): string {
  const { target, source, conflict } = job.write;
  const condition = conflict?.where && slice(job, conflict.where);
  const where =
    kept !== undefined && condition
      ? `CASE WHEN ${condition} THEN ${kept} ELSE false END`
      : (kept ?? condition);
  return [
    `INSERT INTO ${slice(job, target)} ${source ? slice(job, source) : ''}`,
    `ON CONFLICT ${conflict ? slice(job, conflict.target) : ''}`,
    `DO UPDATE SET ${conflict?.set ? slice(job, conflict.set) : ''}`,
    ...(where === undefined ? [] : [`WHERE ${where}`]),
  ].join(' ');
}

function keyless({ name: table }: Table): string {
  return `the partitioned table ${table} has no primary key, which ON CONFLICT DO UPDATE needs`;
}

function triggered({ name: table }: Table): string {
  return `the partitioned table ${table} has triggers that may skip a row of ON CONFLICT DO UPDATE`;
}
