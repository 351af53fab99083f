import { setImmediate as nextTurn } from 'node:timers/promises';

import type { EventCore, SearchColumns } from '../../event/entry.js';
import type { ActorType, Outcome, Source } from '../../event/event.js';
import type { StoredEntry } from '../../event/read.js';
import type { UnsealedEntry } from '../seal-log.js';
import type { Row } from './reader.js';

/** The columns that the two databases hold each in a form of its own, as text. */
export interface OwnForm {
  readonly id: string;
  readonly payloadDigest: string;
  readonly salt: string | null;
  readonly recordedAt: string | null;
}

/** A millisecond's work. */
const AT_ONCE = 500;

/** The columns that a core is made of. */
export const CORE_COLUMNS = [
  'id',
  'action',
  'actor_id',
  'actor_type',
  'count',
  'outcome',
  'payload_digest',
  'process_id',
  'process_n',
  'source',
  'subject_id',
  'target_id',
  'target_type',
  'tenant_id',
  'v',
] as const;

/** The entry that a row holds: its core made again from columns of exact types, its payload as it was hashed. */
export function storedEntry(row: Row, own: OwnForm): StoredEntry {
  return {
    core: coreOf(row, own),
    payload: text(row, 'payload') ?? null,
    salt: own.salt,
    search: searchOf(row),
    recordedAt: own.recordedAt,
  };
}

/** What is made of each row, with pauses, so that however many there are the application waits for none of it. */
export async function gently<T>(rows: readonly Row[], decode: (row: Row) => T): Promise<T[]> {
  const decoded: T[] = [];
  for (let at = 0; at < rows.length; at += AT_ONCE) {
    if (at > 0) await nextTurn();
    for (const row of rows.slice(at, at + AT_ONCE)) decoded.push(decode(row));
  }
  return decoded;
}

/** What of a row is sealed, and counted beside that. */
export function unsealedEntry(row: Row, own: Pick<OwnForm, 'id' | 'payloadDigest'>): UnsealedEntry {
  return { core: coreOf(row, own), search: { role: text(row, 'role') } };
}

function text(row: Row, column: string): string | undefined {
  return (row[column] as string | null) ?? undefined;
}

function coreOf(row: Row, own: Pick<OwnForm, 'id' | 'payloadDigest'>): EventCore {
  const targetType = text(row, 'target_type');
  const processId = text(row, 'process_id');
  // In the order of the canonical form, in which it is then written at once.
  return {
    action: String(row['action']),
    actor: { id: text(row, 'actor_id'), type: row['actor_type'] as ActorType },
    count: row['count'] === null ? undefined : Number(row['count']),
    id: own.id,
    outcome: row['outcome'] as Outcome,
    payload_digest: own.payloadDigest,
    process: processId === undefined ? undefined : { id: processId, n: Number(row['process_n']) },
    source: row['source'] as Source,
    subject_id: text(row, 'subject_id'),
    target: targetType === undefined ? undefined : { id: text(row, 'target_id'), type: targetType },
    tenant_id: text(row, 'tenant_id') || undefined,
    v: Number(row['v']),
  };
}

function searchOf(row: Row): SearchColumns {
  return {
    role: text(row, 'role'),
    ip: text(row, 'ip'),
    actorText: text(row, 'actor_text'),
    text: text(row, 'search_text'),
  };
}
