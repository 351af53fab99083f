import type { Job } from './job.js';
import { ofTarget, slice } from './job.js';
import type { Amount, Parts } from './statement-text.js';

/** The longest source that is taken for a few rows. */
const SHORT = 2_000;

export function insertParts(job: Job): Parts {
  return {
    write: insertText(job),
    change: job.row.insert(ofTarget(job)),
    amount: insertedAmount(job),
  };
}

function insertText(job: Job): string {
  const { target, source, conflict } = job.write;
  const text = `INSERT INTO ${slice(job, target)} ${source ? slice(job, source) : ''}`;
  return conflict ? `${text} ON CONFLICT ${slice(job, conflict.target)} DO NOTHING` : text;
}

/** How many rows a source can have, as far as its text shows it. */
export function insertedAmount(job: Job): Amount {
  const { source } = job.write;
  if (!source || source.end - source.start > SHORT) return 'many';
  const text = slice(job, source);
  if (/\b(select|table|execute)\b/i.test(text)) return 'many';
  return /^(\([^()]*\))?[^()]*\bvalues\s*\([^()']*\)\s*$/i.test(text) ? 'one' : 'few';
}
