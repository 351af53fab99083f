import type { AuditEvent, Change, Json, Outcome, Source } from '../event/event.js';

/** One event as the API shows it. Absent things are null. */
export interface WireEvent {
  readonly id: string;
  readonly timestamp: string;
  readonly recorded_at: string | null;
  readonly occurred_at: string | null;
  readonly action: string;
  readonly outcome: Outcome;
  readonly source: Source;
  readonly actor: WirePerson & { readonly on_behalf_of: WirePerson | null };
  readonly tenant_id: string | null;
  readonly target: {
    readonly type: string;
    readonly id: string | null;
    readonly label: string | null;
  } | null;
  readonly subject_id: string | null;
  readonly subject_label: string | null;
  readonly subjects: readonly string[];
  readonly changes: { readonly [field: string]: Change } | null;
  readonly changed_fields: readonly string[];
  readonly before: { readonly [field: string]: Json } | null;
  readonly after: { readonly [field: string]: Json } | null;
  readonly operation: string | null;
  readonly transaction_id: string | null;
  readonly reason: string | null;
  readonly ip_address: string | null;
  readonly ip_source: string | null;
  readonly user_agent: string | null;
  readonly request: WireRequest | null;
  readonly session_id: string | null;
  readonly trace_id: string | null;
  readonly error: Json;
  readonly metadata: { readonly [key: string]: Json } | null;
  readonly count: number;
  readonly flags: readonly string[];
  readonly leaf_index: number | null;
  readonly leaf_hash: string | null;
  readonly erased: boolean;
  /** True when values are there that this viewer is not shown. */
  readonly values_hidden: boolean;
}

export interface WirePerson {
  readonly type: string;
  readonly id: string | null;
  readonly username: string | null;
  readonly email: string | null;
  readonly name: string | null;
  readonly role: string | null;
}

export interface WireRequest {
  readonly id: string | null;
  readonly method: string | null;
  readonly path: string | null;
  readonly route: string | null;
  readonly query: Json;
  readonly status_code: number | null;
  readonly duration_ms: number | null;
}

/** An event as a viewer may see it: with the values of its record, or only with the names of what changed. */
export function wireEvent(event: AuditEvent, isRevealed: boolean): WireEvent {
  const { target, request } = event;
  const hides = !isRevealed && holdsValues(event);
  return {
    id: event.id,
    timestamp: event.timestamp,
    recorded_at: event.recordedAt,
    occurred_at: event.occurredAt,
    action: event.action,
    outcome: event.outcome,
    source: event.source,
    actor: { ...wirePerson(event.actor), on_behalf_of: wireBehalf(event) },
    tenant_id: event.tenantId,
    target: target && { type: target.type, id: target.id, label: target.label },
    subject_id: event.subjectId,
    subject_label: event.subjectLabel,
    subjects: event.subjects,
    changes: hides ? null : event.changes,
    changed_fields: event.changedFields,
    before: hides ? null : event.before,
    after: hides ? null : event.after,
    operation: event.operation,
    transaction_id: event.transactionId,
    reason: event.reason,
    ip_address: request?.ip ?? null,
    ip_source: request?.ipSource ?? null,
    user_agent: request?.userAgent ?? null,
    request: request && wireRequest(request),
    session_id: event.sessionId,
    trace_id: event.traceId,
    error: hides ? null : event.error,
    metadata: hides ? null : event.metadata,
    count: event.count,
    flags: event.flags,
    leaf_index: event.leafIndex,
    leaf_hash: event.leafHash,
    erased: event.erased,
    values_hidden: hides,
  };
}

function holdsValues({ changes, error, metadata }: AuditEvent): boolean {
  return changes !== null || error !== null || metadata !== null;
}

type Person = Omit<AuditEvent['actor'], 'onBehalfOf'>;

export function wirePerson({ type, id, username, email, name, role }: Person): WirePerson {
  return { type, id, username, email, name, role };
}

function wireBehalf({ actor: { onBehalfOf } }: AuditEvent): WirePerson | null {
  return onBehalfOf && wirePerson(onBehalfOf);
}

function wireRequest(request: NonNullable<AuditEvent['request']>): WireRequest {
  const { id, method, path, route, query, statusCode, durationMs } = request;
  return { id, method, path, route, query, status_code: statusCode, duration_ms: durationMs };
}
