import type { EventCore, SearchColumns } from '../../event/entry.js';
import type { ActorType, Outcome, Source } from '../../event/event.js';
import type { StoredEntry } from '../../event/read.js';
import type { Row } from './reader.js';

/** The columns that the two databases hold each in a form of its own, as text. */
export interface OwnForm {
  readonly id: string;
  readonly payloadDigest: string;
  readonly salt: string | null;
  readonly recordedAt: string | null;
}

type Text = (column: string) => string | undefined;

/** The entry that a row holds: its core made again from columns of exact types, its payload as it was hashed. */
export function storedEntry(row: Row, own: OwnForm): StoredEntry {
  const text: Text = (column) => (row[column] as string | null) ?? undefined;
  return {
    core: coreOf(row, text, own),
    payload: text('payload') ?? null,
    salt: own.salt,
    search: searchOf(text),
    recordedAt: own.recordedAt,
  };
}

function coreOf(row: Row, text: Text, own: OwnForm): EventCore {
  const targetType = text('target_type');
  const processId = text('process_id');
  return {
    v: Number(row['v']),
    id: own.id,
    action: String(row['action']),
    outcome: row['outcome'] as Outcome,
    source: row['source'] as Source,
    actor: { type: row['actor_type'] as ActorType, id: text('actor_id') },
    tenant_id: text('tenant_id') || undefined,
    target: targetType === undefined ? undefined : { type: targetType, id: text('target_id') },
    subject_id: text('subject_id'),
    process: processId === undefined ? undefined : { id: processId, n: Number(row['process_n']) },
    count: row['count'] === null ? undefined : Number(row['count']),
    payload_digest: own.payloadDigest,
  };
}

function searchOf(text: Text): SearchColumns {
  return { role: text('role'), ip: text('ip'), actorText: text('actor_text'), text: text('search_text') };
}
