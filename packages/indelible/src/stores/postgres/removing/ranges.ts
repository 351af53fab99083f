import type { Execute } from '../../sql/reader.js';

const BOUNDS = `SELECT pg_get_expr(relpartbound, oid) AS bound FROM pg_class
  WHERE oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'indelible_event'::regclass)`;
const RANGE = /FROM \('([0-9a-f-]{36})'\) TO \('([0-9a-f-]{36})'\)/;

/** Ids from one up to and without another. */
export interface IdRange {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/**
 * All ids there can be, in ranges of which each lies in a single partition: asked for one of them, the server looks at
 * no other, where it would have to look at all of them for the order of the ids. Between the months lies the default.
 */
export async function idRanges(execute: Execute): Promise<IdRange[]> {
  const rows = await execute({ sql: BOUNDS, parameters: [] });
  const bounds = rows.flatMap(({ bound }) => RANGE.exec(String(bound))?.slice(1) ?? []);
  const ends = [...new Set(bounds)].sort();
  return [undefined, ...ends].map((from, n) => ({ from, to: ends[n] }));
}
