import type { StoredEntry } from '../../../event/read.js';
import type { UnsealedEntry } from '../../seal-log.js';
import { CORE_COLUMNS, unsealedEntry } from '../../sql/decode.js';
import type { Execute, Row } from '../../sql/reader.js';
import { fromRow, SELECTED_TEXT } from '../rows.js';
import { boundsOf } from './bounds.js';

/** The array comes out of a subselect, since the planner would work through a constant one value by value. */
const BY_ID = `SELECT ${SELECTED_TEXT} FROM indelible_event
  WHERE id = ANY((SELECT $1::uuid[])::uuid[]) AND id >= $2::uuid AND id <= $3::uuid`;

/** The entries with these ids, as far as they are there. */
export async function entriesOf(execute: Execute, ids: readonly string[]): Promise<Map<string, StoredEntry>> {
  if (ids.length === 0) return new Map();
  const rows = await execute({ sql: BY_ID, parameters: [ids, ...boundsOf(ids)] });
  return new Map(rows.map((row) => [String(row['id']), fromRow(row)]));
}

/** What of an event is sealed, and counted beside that: no payload is read for it. */
export const UNSEALED_COLUMNS: string = [
  ...CORE_COLUMNS.filter((name) => name !== 'id' && name !== 'payload_digest'),
  "encode(payload_digest, 'hex') AS payload_digest",
  'role',
].join(', ');

export function unsealedEntryOf(row: Row): UnsealedEntry {
  return unsealedEntry(row, { id: String(row['id']), payloadDigest: String(row['payload_digest']) });
}
