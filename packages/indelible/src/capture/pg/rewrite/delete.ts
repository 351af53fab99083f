import { type Job, ofTarget, slice } from './job.js';
import { namesOneRow } from './one-row.js';
import type { Parts } from './statement-text.js';

export function deleteParts(job: Job): Parts {
  const { target, from, where } = job.write;
  const others = from ? ` USING ${slice(job, from)}` : '';
  const condition = where ? ` WHERE ${slice(job, where)}` : '';
  return {
    write: `DELETE FROM ${slice(job, target)}${others}${condition}`,
    change: job.row.delete(ofTarget(job)),
    amount: namesOneRow(job) ? 'one' : 'many',
  };
}
