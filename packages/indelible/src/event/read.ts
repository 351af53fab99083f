import type { Entry } from './entry.js';
import type { Actor, AuditEvent, Change, Json } from './event.js';
import { timeOf } from './id.js';
import { readTagged } from './tagged.js';

type Read = Readonly<Record<string, Json>>;

const UNREADABLE: Read = { flags: ['unreadable'] };

/** What a store knows about an entry beyond what was hashed. */
export interface StoredEntry extends Entry {
  readonly recordedAt: string | null;
  readonly leafIndex?: number | undefined;
  readonly leafHash?: string | undefined;
}

/** The event that an entry holds, with every value in the form people and programs read. */
export function readEvent(entry: StoredEntry): AuditEvent {
  const { core } = entry;
  const payload = entry.payload === null ? {} : readPayload(entry.payload);
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
    target: readTarget(core.target, fields(payload['target'])),
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

/** What somebody has spoilt in the database must not hide the events around it; `verify` tells of it. */
function readPayload(payload: string): Read {
  try {
    return fields(readTagged(JSON.parse(payload) as Json)) ?? UNREADABLE;
  } catch {
    return UNREADABLE;
  }
}

function readTarget(core: Entry['core']['target'], payload: Read | null): AuditEvent['target'] {
  return core ? { type: core.type, id: core.id ?? null, label: text(payload?.['label']) } : null;
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
  const names = Object.keys(after ?? before ?? {});
  const changes = names.map((name): [string, Change] => [
    name,
    { ...(before && { old: valueOf(before, name) }), ...(after && { new: valueOf(after, name) }) },
  ]);
  return before || after ? Object.fromEntries(changes) : null;
}

/** The record's own member, for a field may be called `constructor`. */
function valueOf(record: Read, name: string): Json {
  return Object.hasOwn(record, name) ? (record[name] ?? null) : null;
}

function readRequest(request: Read | null): AuditEvent['request'] {
  if (!request) return null;
  return {
    id: text(request['id']),
    method: text(request['method']),
    path: text(request['path']),
    route: text(request['route']),
    query: request['query'] ?? null,
    body: request['body'] ?? null,
    statusCode: number(request['status_code']),
    durationMs: number(request['duration_ms']),
    ip: text(request['ip']),
    ipSource: text(request['ip_source']),
    forwardedFor: text(request['forwarded_for']),
    userAgent: text(request['user_agent']),
  };
}

function number(value: Json | undefined): number | null {
  return typeof value === 'number' ? value : null;
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
