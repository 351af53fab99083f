import type { Entry } from './entry.js';
import type { Actor, AuditEvent, Change, Json, RequestInfo } from './event.js';
import { timeOf } from './id.js';
import { readTagged } from './tagged.js';

type Read = Readonly<Record<string, Json>>;

/** What a store knows about an entry beyond what was hashed. */
export interface StoredEntry extends Entry {
  readonly recordedAt: string | null;
  readonly leafIndex?: number | undefined;
  readonly leafHash?: string | undefined;
}

/** The event that an entry holds, with every value in the form people and programs read. */
export function readEvent(entry: StoredEntry): AuditEvent {
  const { core } = entry;
  const payload = entry.payload === null ? {} : (readTagged(JSON.parse(entry.payload) as Json) as Read);
  const before = fields(payload['before']);
  const after = fields(payload['after']);
  return {
    id: core.id,
    timestamp: new Date(timeOf(core.id)).toISOString(),
    recordedAt: entry.recordedAt,
    occurredAt: text(payload['occurred_at']),
    action: core.action,
    outcome: core.outcome,
    source: core.source,
    actor: readActor(core.actor, fields(payload['actor']) ?? {}),
    tenantId: core.tenant_id ?? null,
    target: core.target
      ? {
          type: core.target.type,
          id: core.target.id ?? null,
          label: text(fields(payload['target'])?.['label']),
        }
      : null,
    subjectId: core.subject_id ?? null,
    subjectLabel: text(payload['subject_label']),
    subjects: list(payload['subjects']),
    changes: readChanges(before, after),
    changedFields: Object.keys(after ?? before ?? {}),
    before,
    after,
    operation: text(payload['operation']),
    transactionId: text(payload['transaction_id']),
    reason: text(payload['reason']),
    request: readRequest(fields(payload['request'])),
    sessionId: text(payload['session_id']),
    traceId: text(payload['trace_id']),
    error: payload['error'] ?? null,
    metadata: fields(payload['metadata']),
    count: core.count ?? 1,
    process: core.process ?? null,
    flags: list(payload['flags']),
    leafIndex: entry.leafIndex ?? null,
    leafHash: entry.leafHash ?? null,
    erased: entry.payload === null,
  };
}

function readActor(core: Pick<Actor, 'type' | 'id'>, payload: Read): AuditEvent['actor'] {
  const behalf = fields(payload['on_behalf_of']);
  return {
    type: core.type,
    id: core.id ?? null,
    username: text(payload['username']),
    email: text(payload['email']),
    name: text(payload['name']),
    role: text(payload['role']),
    onBehalfOf:
      behalf &&
      readActor({ type: behalf['type'] as Actor['type'], id: text(behalf['id']) ?? undefined }, behalf),
  };
}

function readChanges(before: Read | null, after: Read | null): AuditEvent['changes'] {
  if (!before && !after) return null;
  return Object.fromEntries(
    Object.keys(after ?? before ?? {}).map((field): [string, Change] => [
      field,
      { ...(before && { old: before[field] ?? null }), ...(after && { new: after[field] ?? null }) },
    ]),
  );
}

function readRequest(request: Read | null): AuditEvent['request'] {
  if (!request) return null;
  const value = (name: string): never => (request[name] ?? null) as never;
  const read: { [K in keyof RequestInfo]-?: NonNullable<RequestInfo[K]> | null } = {
    id: value('id'),
    method: value('method'),
    path: value('path'),
    route: value('route'),
    query: value('query'),
    body: value('body'),
    statusCode: value('status_code'),
    durationMs: value('duration_ms'),
    ip: value('ip'),
    ipSource: value('ip_source'),
    forwardedFor: value('forwarded_for'),
    userAgent: value('user_agent'),
  };
  return read;
}

function text(value: Json | undefined): string | null {
  return value === undefined || value === null ? null : String(value);
}

function list(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function fields(value: Json | undefined): Read | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Read) : null;
}
