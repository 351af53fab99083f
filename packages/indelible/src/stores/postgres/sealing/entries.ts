import type { StoredEntry } from '../../../event/read.js';
import type { Execute } from '../../sql/reader.js';
import { fromRow, SELECTED_TEXT } from '../rows.js';
import { boundsOf } from './bounds.js';

/** The array comes out of a subselect, since the planner would work through a constant one value by value. */
const BY_ID = `SELECT ${SELECTED_TEXT} FROM indelible_event
  WHERE id = ANY((SELECT $1::uuid[])::uuid[]) AND id >= $2::uuid AND id <= $3::uuid`;

const SUBJECTS = `SELECT event_id::text AS id, array_agg(subject_id ORDER BY subject_id)::text[] AS subjects
  FROM indelible_event_subject WHERE event_id = ANY($1::uuid[]) GROUP BY event_id`;

/** The entries with these ids, as far as they are there. */
export async function entriesOf(execute: Execute, ids: readonly string[]): Promise<Map<string, StoredEntry>> {
  if (ids.length === 0) return new Map();
  const rows = await execute({ sql: BY_ID, parameters: [ids, ...boundsOf(ids)] });
  return new Map(rows.map((row) => [String(row['id']), fromRow(row)]));
}

/** The same in the order of the ids, with everyone each of them is about. */
export async function wholeEntriesOf(execute: Execute, ids: readonly string[]): Promise<StoredEntry[]> {
  if (ids.length === 0) return [];
  const entries = await entriesOf(execute, ids);
  const rows = await execute({ sql: SUBJECTS, parameters: [ids] });
  const subjects = new Map(rows.map((row) => [row['id'], row['subjects'] as string[]]));
  return ids.flatMap((id) => {
    const [entry, about] = [entries.get(id), subjects.get(id)];
    if (entry === undefined) return [];
    return [about === undefined ? entry : { ...entry, search: { ...entry.search, subjects: about } }];
  });
}
