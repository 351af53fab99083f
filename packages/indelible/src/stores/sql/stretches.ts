import type { HistogramQuery } from '../query.js';
import type { Dialect } from './dialect.js';
import type { Execute } from './reader.js';
import { stretchesStatement } from './statements.js';

/** Asked for in one statement: SQLite joins at most 500 selects. */
const AT_ONCE = 200;

/** How many events match in each stretch of time, counted event by event. */
export async function stretches(
  dialect: Dialect,
  execute: Execute,
  query: HistogramQuery,
): Promise<number[]> {
  const counts: number[] = [];
  for (let n = 0; n + 1 < query.bounds.length; n += AT_ONCE) {
    const bounds = query.bounds.slice(n, n + AT_ONCE + 1);
    const rows = await execute(stretchesStatement(dialect, { ...query, bounds }));
    counts.push(...rows.map((row) => Number(row['count'])));
  }
  return counts;
}
