import type { Rewritten } from '../plan.js';
import { followers } from './carried.js';
import { deleteParts } from './delete.js';
import { insertParts } from './insert.js';
import type { Job } from './job.js';
import { assemble, type Parts } from './statement-text.js';
import { updateParts } from './update.js';
import { upsertParts } from './upsert.js';

/** The write as one statement that also keeps what it changed; or why it cannot be taken apart. */
export function rewrite(job: Job): Rewritten | string {
  const reason = obstacle(job);
  if (reason !== undefined) return reason;
  const parts = partsOf(job);
  return typeof parts === 'string' ? parts : assemble(job, parts);
}

function partsOf(job: Job): Parts | string {
  switch (job.write.verb) {
    case 'INSERT':
      return job.write.conflict?.action === 'UPDATE' ? upsertParts(job) : insertParts(job);
    case 'UPDATE':
      return updateParts(job);
    case 'DELETE':
      return deleteParts(job);
  }
}

const NOT_TABLES: Readonly<Record<string, string>> = { view: 'a view', foreign: 'a foreign table' };

function obstacle(job: Job): string | undefined {
  const { write, table, row, catalogue, failsClosed } = job;
  const kind = NOT_TABLES[table.kind];
  if (kind !== undefined) return `${table.name} is ${kind}`;
  if (table.hasRules) return `the table ${table.name} has rules, which may write something else`;
  if (table.hasHeirs && !write.only && write.verb !== 'INSERT')
    return `other tables inherit from ${table.name}`;
  const closed = row.unreadable();
  if (closed) return `this role must not read the column ${closed.name} of ${table.name}`;
  if (table.hidesOwnRows && write.verb !== 'DELETE' && !write.returning)
    return `the row security of ${table.name} may hide the rows that are written`;
  const unknown = [...write.assigned, ...(write.conflict?.assigned ?? [])].find(
    (assigned) => !table.columns.some(({ name }) => name === assigned),
  );
  if (unknown !== undefined) return `the table ${table.name} had no column ${unknown} when it was read`;
  if (followers(table, write.conflict?.assigned ?? [], job.rowOf).length > 0)
    return `foreign keys carry a new key of ${table.name} on to other tables`;
  if (!failsClosed && catalogue.putSchema === undefined) return 'the function indelible_put is missing';
  return undefined;
}
