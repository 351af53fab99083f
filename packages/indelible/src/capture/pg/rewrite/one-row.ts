import { type Job, slice } from './job.js';

const EQUALITY = /^(?:[\w"]+\.)*"?(\w+)"?\s*=\s*(?:\$\d+(?:::\w+)?|\d+|'[^']*')$/;

/** True when the condition fixes every column of the key, so that it can mean one row at most. */
export function namesOneRow(job: Job): boolean {
  const { where, from } = job.write;
  const { key } = job.table;
  if (!where || from || key.length === 0) return false;
  const text = unwrapped(slice(job, where));
  if (/[()]|\bor\b|\bbetween\b/i.test(text)) return false;
  const fixed = text.split(/\band\b/i).map((part) => EQUALITY.exec(part.trim())?.[1]);
  return key.every((column) => fixed.includes(column));
}

function unwrapped(text: string): string {
  const inner = /^\s*\(([^()]*)\)\s*$/.exec(text)?.[1];
  return (inner ?? text).trim();
}
