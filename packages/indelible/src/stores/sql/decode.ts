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
  // In the order of the canonical form, in which it is then written at once.
  return {
    action: String(row['action']),
    actor: { id: text('actor_id'), type: row['actor_type'] as ActorType },
    count: row['count'] === null ? undefined : Number(row['count']),
    id: own.id,
    outcome: row['outcome'] as Outcome,
    payload_digest: own.payloadDigest,
    process: processId === undefined ? undefined : { id: processId, n: Number(row['process_n']) },
    source: row['source'] as Source,
    subject_id: text('subject_id'),
    target: targetType === undefined ? undefined : { id: text('target_id'), type: targetType },
    tenant_id: text('tenant_id') || undefined,
    v: Number(row['v']),
  };
}

function searchOf(text: Text): SearchColumns {
  return { role: text('role'), ip: text('ip'), actorText: text('actor_text'), text: text('search_text') };
}
