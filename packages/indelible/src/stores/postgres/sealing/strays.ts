import type { Execute } from '../../sql/reader.js';
import type { Place } from './place.js';

/** Events that are held against the log in one question: few enough that the server does it in its memory. */
const AT_ONCE = 20_000;

const FIRST = '00000000-0000-0000-0000-000000000000';

/**
 * All events one after another by their ids, each beside its leaf; the runs of a part are those that reach into it.
 * One without a leaf is a stray where the log has passed it: an xid still to come was made up. One that is later than
 * its own leaf, by both orders that events have, was purged and came back.
 */
const PART = `WITH part AS MATERIALIZED (
    SELECT id, xid, recorded_at FROM indelible_event WHERE id > $1::uuid ORDER BY id LIMIT $2),
  reach AS MATERIALIZED (SELECT id AS last FROM part ORDER BY id DESC LIMIT 1),
  leaf AS MATERIALIZED (
    SELECT unnest(ids) AS id, xid, sealed_at FROM indelible_seal
    WHERE greatest > $1::uuid AND least <= (SELECT last FROM reach))
  SELECT reach.last::text, ARRAY(
    SELECT part.id::text FROM part LEFT JOIN leaf ON leaf.id = part.id
    WHERE CASE WHEN leaf.id IS NULL THEN
        pg_visible_in_snapshot(part.xid, $3::pg_snapshot)
        OR (part.xid, part.id) <= ($4::xid8, $5::uuid) AND pg_visible_in_snapshot(part.xid, $6::pg_snapshot)
        OR part.xid >= pg_snapshot_xmax(pg_current_snapshot())
      ELSE part.xid > leaf.xid AND part.recorded_at > leaf.sealed_at END
    LIMIT $7) AS strays
  FROM reach`;

/** Ids that have no leaf although they lie behind the place, and ids that came back: there may be neither. */
export async function straysBehind(
  execute: Execute,
  { seen, until, after }: Place,
  limit: number,
): Promise<readonly string[]> {
  if (seen === null) return [];
  const passed = [seen, after?.xid ?? '0', after?.id ?? FIRST, until ?? seen];
  const strays: string[] = [];
  for (let last: unknown = FIRST; strays.length < limit;) {
    const parameters = [last, AT_ONCE, ...passed, limit - strays.length];
    const [part] = await execute({ sql: PART, parameters });
    if (part === undefined) break;
    strays.push(...(part['strays'] as string[]));
    last = part['last'];
  }
  return strays;
}
