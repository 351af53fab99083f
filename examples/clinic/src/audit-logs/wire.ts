import type { AuditEvent } from 'indelible';

/** One event as the API shows it. Absent things are null. */
export function eventAnswer(event: AuditEvent): object {
  const { target, request } = event;
  return {
    id: event.id,
    timestamp: event.timestamp,
    recorded_at: event.recordedAt,
    occurred_at: event.occurredAt,
    action: event.action,
    outcome: event.outcome,
    source: event.source,
    actor: { ...personAnswer(event.actor), on_behalf_of: behalfAnswer(event) },
    tenant_id: event.tenantId,
    target: target && { type: target.type, id: target.id, label: target.label },
    subject_id: event.subjectId,
    subject_label: event.subjectLabel,
    changes: event.changes,
    changed_fields: event.changedFields,
    before: event.before,
    after: event.after,
    operation: event.operation,
    transaction_id: event.transactionId,
    reason: event.reason,
    ip_address: request?.ip ?? null,
    ip_source: request?.ipSource ?? null,
    user_agent: request?.userAgent ?? null,
    request: request && requestAnswer(request),
    session_id: event.sessionId,
    trace_id: event.traceId,
    error: event.error,
    metadata: event.metadata,
    count: event.count,
    leaf_index: event.leafIndex,
    leaf_hash: event.leafHash,
  };
}

function personAnswer({ type, id, username, email, name, role }: Person): Person {
  return { type, id, username, email, name, role };
}

type Person = Omit<AuditEvent['actor'], 'onBehalfOf'>;

function behalfAnswer({ actor: { onBehalfOf } }: AuditEvent): Person | null {
  return onBehalfOf && personAnswer(onBehalfOf);
}

function requestAnswer(request: NonNullable<AuditEvent['request']>): object {
  const { id, method, path, route, query, statusCode, durationMs } = request;
  return { id, method, path, route, query, status_code: statusCode, duration_ms: durationMs };
}
