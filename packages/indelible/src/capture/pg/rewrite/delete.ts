import { cascadeOf } from './cascade.js';
import { type Job, ofTarget, slice } from './job.js';
import { namesOneRow } from './one-row.js';
import type { Parts } from './statement-text.js';

export function deleteParts(job: Job): Parts | string {
  const { target, from, where } = job.write;
  const cascade = cascadeOf(job);
  if (typeof cascade === 'string') return cascade;
  const others = from ? ` USING ${slice(job, from)}` : '';
  const condition = where ? ` WHERE ${slice(job, where)}` : '';
  return {
    ...cascade,
    write: `DELETE FROM ${slice(job, target)}${others}${condition}`,
    change: job.isCaptured ? job.row.delete(ofTarget(job)) : { text: 'NULL::text', when: undefined },
    amount: namesOneRow(job) && cascade.after.size === 0 ? 'one' : 'many',
  };
}
