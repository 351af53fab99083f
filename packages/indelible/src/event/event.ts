/** What may stand in `changes`, `metadata` and the like once an event is read back: plain JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export const ACTOR_TYPES = ['user', 'service', 'system', 'anonymous'] as const;
export type ActorType = (typeof ACTOR_TYPES)[number];

/** Who acted, as they were at that moment, so that the line stays readable after the person is gone. */
export interface Actor {
  readonly type: ActorType;
  readonly id?: string | undefined;
  readonly username?: string | undefined;
  readonly email?: string | undefined;
  readonly name?: string | undefined;
  readonly role?: string | undefined;
  /** The person in whose name the actor acts while impersonating. */
  readonly onBehalfOf?: Omit<Actor, 'onBehalfOf'> | undefined;
}

/** The record touched. */
export interface Target {
  /** The model's name, such as `Appointment`. */
  readonly type: string;
  readonly id?: string | undefined;
  /** The record's human text at that moment. */
  readonly label?: string | undefined;
}

export const SOURCES = ['model', 'read', 'request', 'auth', 'manual', 'system'] as const;
/** What produced the event. */
export type Source = (typeof SOURCES)[number];

export const OUTCOMES = ['success', 'failure', 'denied', 'error'] as const;
/** `failure` is the caller's fault, `error` is ours. */
export type Outcome = (typeof OUTCOMES)[number];

/** The request an event happened in. */
export interface RequestInfo {
  readonly id?: string | undefined;
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  readonly route?: string | undefined;
  readonly query?: unknown;
  readonly body?: unknown;
  readonly statusCode?: number | undefined;
  readonly durationMs?: number | undefined;
  readonly ip?: string | undefined;
  /** Where the address came from: the socket, or the header of a trusted proxy. */
  readonly ipSource?: string | undefined;
  readonly forwardedFor?: string | undefined;
  readonly userAgent?: string | undefined;
}

/** The request of an event that is read back. */
type ReadRequest = {
  readonly [K in keyof RequestInfo]-?: unknown extends RequestInfo[K]
    ? Json
    : NonNullable<RequestInfo[K]> | null;
};

/** Old and new of one field. `old` is absent on a create, `new` on a delete. */
export interface Change {
  readonly old?: Json;
  readonly new?: Json;
}

/** One line of the trail, as it is read back. Absent things are null, never invented. */
export interface AuditEvent {
  readonly id: string;
  /** The millisecond in the id, as RFC 3339 in UTC. */
  readonly timestamp: string;
  /** When the store took it in, by the store's own clock. */
  readonly recordedAt: string | null;
  /** When it happened, given by who records something after the fact. */
  readonly occurredAt: string | null;
  readonly action: string;
  readonly outcome: Outcome;
  readonly source: Source;
  readonly actor: {
    readonly type: ActorType;
    readonly id: string | null;
    readonly username: string | null;
    readonly email: string | null;
    readonly name: string | null;
    readonly role: string | null;
    readonly onBehalfOf: Omit<AuditEvent['actor'], 'onBehalfOf'> | null;
  };
  readonly tenantId: string | null;
  readonly target: {
    readonly type: string;
    readonly id: string | null;
    readonly label: string | null;
  } | null;
  readonly subjectId: string | null;
  readonly subjectLabel: string | null;
  /** Every subject of an event that concerns many, such as a list; empty for an ordinary event. */
  readonly subjects: readonly string[];
  readonly changes: { readonly [field: string]: Change } | null;
  readonly changedFields: readonly string[];
  readonly before: { readonly [field: string]: Json } | null;
  readonly after: { readonly [field: string]: Json } | null;
  readonly operation: string | null;
  readonly transactionId: string | null;
  readonly reason: string | null;
  readonly request: ReadRequest | null;
  readonly sessionId: string | null;
  readonly traceId: string | null;
  readonly error: Json;
  readonly metadata: { readonly [key: string]: Json } | null;
  /** How many acts a folded event stands for; 1 for an ordinary one. */
  readonly count: number;
  /** The process that recorded it and the event's number there; null for events of a transaction. */
  readonly process: { readonly id: string; readonly n: number } | null;
  /** What the recorder had to do to keep the event, such as `truncated` or `sanitized`. */
  readonly flags: readonly string[];
  readonly leafIndex: number | null;
  readonly leafHash: string | null;
  /** True once the payload has been erased: the core, and every proof, still stand. */
  readonly erased: boolean;
}
