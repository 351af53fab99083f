import type { Entry } from '../../event/entry.js';
import type { StoredEntry } from '../../event/read.js';
import { storedEntry } from '../sql/decode.js';
import { idBytes, idText } from '../sql/packed.js';
import type { Row } from '../sql/reader.js';
import type { WriteRow } from './thread.js';

/** The columns of an event in the order `toRow` gives their values. */
export const COLUMNS = [
  'id',
  'v',
  'action',
  'outcome',
  'source',
  'actor_type',
  'actor_id',
  'tenant_id',
  'target_type',
  'target_id',
  'subject_id',
  'process_id',
  'process_n',
  'count',
  'payload_digest',
  'salt',
  'payload',
  'role',
  'ip',
  'actor_text',
  'search_text',
] as const;

export function toRow({ core, payload, salt, search }: Entry): WriteRow {
  const id = idBytes(core.id);
  const tenant = core.tenant_id ?? '';
  const digest = Buffer.from(core.payload_digest, 'hex');
  return {
    digest,
    subjects: [...new Set(search.subjects)].map((subject) => [tenant, subject, id]),
    row: [
      id,
      core.v,
      core.action,
      core.outcome,
      core.source,
      core.actor.type,
      core.actor.id ?? null,
      tenant,
      core.target?.type ?? null,
      core.target?.id ?? null,
      core.subject_id ?? null,
      core.process?.id ?? null,
      core.process?.n ?? null,
      core.count ?? null,
      digest,
      salt === null ? null : Buffer.from(salt, 'hex'),
      payload,
      search.role ?? null,
      search.ip ?? null,
      search.actorText ?? null,
      search.text ?? null,
    ],
  };
}

export function fromRow(row: Row): StoredEntry {
  return storedEntry(row, {
    id: idText(row['id']),
    payloadDigest: hex(row['payload_digest']),
    salt: row['salt'] === null ? null : hex(row['salt']),
    recordedAt: new Date(Number(row['recorded_at'])).toISOString(),
  });
}

/** Bytes come back from the thread as plain Uint8Arrays. */
function hex(bytes: unknown): string {
  return Buffer.from(bytes as Uint8Array).toString('hex');
}
