import { idText } from '../sql/packed.js';
import type { Execute, Row } from '../sql/reader.js';
import { PASSED, RUNS_BEHIND } from './seal-statements.js';

/** How many events are held against the log at a time, and how many of its runs are looked at for them. */
const EVENTS = 10_000;
const RUNS = 16;
const ID_DIGITS = 32;

/**
 * Ids of events that are in no run. All of them are held against the log: to compare numbers would be quick, and
 * would miss an event that took the place of another. Memory holds one part of the events, and a few runs.
 */
export async function straysIn(execute: Execute, place: unknown, limit: number): Promise<string[]> {
  const strays: string[] = [];
  let last: unknown = Buffer.alloc(0);
  while (strays.length < limit) {
    const [part] = await execute({ sql: PASSED, parameters: [last, place, EVENTS] });
    if (part === undefined || part['ids'] === null) break;
    strays.push(...(await unsealed(execute, part)));
    last = part['last'];
  }
  return strays.slice(0, limit);
}

async function unsealed(execute: Execute, part: Row): Promise<string[]> {
  const left = new Set(digitsOf(part));
  let behind: readonly unknown[] = [part['first'], Buffer.alloc(0), -1];
  while (left.size > 0) {
    const runs = await execute({ sql: RUNS_BEHIND, parameters: [...behind, part['last'], RUNS] });
    for (const id of runs.flatMap(digitsOf)) left.delete(id);
    const end = runs.at(-1);
    if (end === undefined || runs.length < RUNS) break;
    behind = [end['greatest_id'], end['least_id'], end['first_index']];
  }
  return [...left].map((digits) => idText(Buffer.from(digits, 'hex')));
}

function digitsOf(row: Row): string[] {
  const digits = String(row['ids']);
  return Array.from({ length: digits.length / ID_DIGITS }, (_, n) =>
    digits.slice(n * ID_DIGITS, (n + 1) * ID_DIGITS),
  );
}
