import { sql } from 'kysely';

import { and, type Fragment } from '../../sql/dialect.js';
import type { Row } from '../../sql/reader.js';
import type { TallyDialect } from '../../sql/summary-dialect.js';
import type { Range } from '../../sql/summary-span.js';
import { openIn, parsePlace, type Place, resume, xmaxOf } from './place.js';

/**
 * An event without a leaf, as the head stands in the state of the trail that the statement sees. One with an xid still
 * to come was restored, and has its leaf.
 */
const UNSEALED = sql.raw(`xid < pg_snapshot_xmax(pg_current_snapshot())
  AND NOT pg_visible_in_snapshot(xid, (SELECT seen FROM stand))
  AND NOT coalesce((xid, id) <= (SELECT xid, id FROM stand) AND pg_visible_in_snapshot(xid, (SELECT until FROM stand)), false)`);

/** Where older xids may be of another cluster, the log is asked. */
const WITHOUT_LEAF = sql.raw(`NOT EXISTS (SELECT FROM indelible_seal
  WHERE greatest >= indelible_event.id AND least <= indelible_event.id AND indelible_event.id = ANY (ids))`);

const STAND =
  sql.raw(`SELECT (place::json->>'seen')::pg_snapshot AS seen, (place::json->>'until')::pg_snapshot AS until,
  (place::json->'after'->>'xid')::xid8 AS xid, (place::json->'after'->>'id')::uuid AS id FROM indelible_head`);

/** What a database knows of sealed events. */
export const TALLIES: TallyDialect = {
  standing: sql.raw(
    'SELECT place, indelible_cluster() AS cluster, pg_current_snapshot()::text AS snapshot FROM indelible_head',
  ),
  unsealed,
  isAmong: (column, values) => sql`${sql.ref(column)} = ANY(ARRAY(${values}))`,
  quarter: (ms) => sql`${timeText(ms)}::timestamptz`,
  days: (days) =>
    sql`unnest(${texts(days, 0)}::timestamptz[], ${texts(days, 1)}::timestamptz[]) WITH ORDINALITY AS day (from_quarter, to_quarter, n)`,
};

/**
 * The head of then says from where on the index is read, which the planner has to be told in figures; the head of
 * now says what is sealed. In the order of the xids, so that it is by the index that they are found.
 */
function unsealed(standing: Row | undefined, columns: Fragment, limit: number): Fragment | undefined {
  const place = standing && placeAt(standing);
  if (place?.seen == null) return undefined;
  const [open, next] = [openIn(place.seen), String(xmaxOf(place.seen))];
  const ranges = [
    ...(open.length > 0 ? [sql`xid = ANY(${sql.val(open)}::xid8[])`] : []),
    sql`xid >= ${next}::xid8`,
  ];
  const parts = ranges.map((range) => {
    const conditions = [range, UNSEALED, ...(place.doubt === null ? [] : [WITHOUT_LEAF])];
    return sql`(SELECT ${columns} FROM indelible_event WHERE ${and(conditions)} ORDER BY xid LIMIT ${limit})`;
  });
  return sql`WITH stand AS MATERIALIZED (${STAND}) SELECT * FROM (${sql.join(parts, sql` UNION ALL `)}) AS event LIMIT ${limit}`;
}

/** Nothing is `seen` where the log may have leaves that no snapshot tells of: all is looked through then. */
function placeAt({ place, cluster, snapshot }: Row): Place {
  return resume(parsePlace(String(place)), { cluster: String(cluster), snapshot: String(snapshot) });
}

function texts(days: readonly Range<number>[], at: 0 | 1): Fragment {
  return sql.val(days.map((day) => timeText(day[at])));
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
