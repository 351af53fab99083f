import { sql } from 'kysely';

import type { Entry } from '../../event/entry.js';
import type { StoredEntry } from '../../event/read.js';
import { storedEntry } from '../sql/decode.js';
import type { Fragment } from '../sql/dialect.js';
import type { Row } from '../sql/reader.js';

export type Value = string | number | null;

/** The columns that a writer gives, with their types, in the order of `toRow`. The server gives xid and recorded_at. */
const TYPES = {
  id: 'uuid',
  process_n: 'bigint',
  count: 'bigint',
  v: 'smallint',
  action: 'text',
  outcome: 'text',
  source: 'text',
  actor_type: 'text',
  actor_id: 'text',
  tenant_id: 'text',
  target_type: 'text',
  target_id: 'text',
  subject_id: 'text',
  process_id: 'text',
  payload_digest: 'bytea',
  salt: 'bytea',
  payload: 'text',
  role: 'text',
  ip: 'text',
  actor_text: 'text',
  search_text: 'text',
} as const;

export const COLUMNS: readonly string[] = Object.keys(TYPES);
export const COLUMN_LIST: string = COLUMNS.join(', ');
export const TYPED_COLUMN_LIST: string = Object.entries(TYPES)
  .map(([name, type]) => `${name} ${type}`)
  .join(', ');

export function toRow({ core, payload, salt, search }: Entry): Value[] {
  return [
    core.id,
    core.process?.n ?? null,
    core.count ?? null,
    core.v,
    core.action,
    core.outcome,
    core.source,
    core.actor.type,
    core.actor.id ?? null,
    core.tenant_id ?? '',
    core.target?.type ?? null,
    core.target?.id ?? null,
    core.subject_id ?? null,
    core.process?.id ?? null,
    `\\x${core.payload_digest}`,
    salt === null ? null : `\\x${salt}`,
    payload,
    search.role ?? null,
    search.ip ?? null,
    search.actorText ?? null,
    search.text ?? null,
  ];
}

/** A time as text, to the millisecond and in UTC. */
export function timeText(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS ${column}`;
}

/** Bytes and times come as text, so that neither the session's settings nor the driver's parsers matter. */
export const SELECTED_TEXT: string = [
  ...COLUMNS.filter((name) => name !== 'payload_digest' && name !== 'salt'),
  "encode(payload_digest, 'hex') AS payload_digest",
  "encode(salt, 'hex') AS salt",
  timeText('recorded_at'),
].join(', ');

export const SELECTED: Fragment = sql.raw(SELECTED_TEXT);

export function fromRow(row: Row): StoredEntry {
  return storedEntry(row, {
    id: String(row['id']),
    payloadDigest: String(row['payload_digest']),
    salt: row['salt'] as string | null,
    recordedAt: row['recorded_at'] as string | null,
  });
}
