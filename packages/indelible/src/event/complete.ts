import { createHash } from 'node:crypto';

import { isActionName } from './actions.js';
import { type ChangeRules, ChangeTaker, type Images } from './changes.js';
import { CORE_VERSION, commit, type Entry, type EventCore, type SearchColumns } from './entry.js';
import type { Actor, ActorType, Json, Outcome, RequestInfo, Source } from './event.js';
import { OUTCOMES, SOURCES } from './event.js';
import { fold } from './fold.js';
import type { LooseInput } from './input.js';
import type { Redactor } from './redaction.js';
import { type Flag, Snapshot } from './snapshot.js';
import { unescapeText } from './tagged.js';

const ID_BYTES = 255;
const TEXT_BYTES = 8 * 1024;
const DAY_MS = 86_400_000;
const ACTOR_TYPES: readonly ActorType[] = ['user', 'service', 'system', 'anonymous'];

const OUTCOME_OF: Readonly<Record<string, Outcome>> = { LOGIN_FAILED: 'failure', ACCESS_DENIED: 'denied' };

export interface CompletionOptions {
  readonly redactor: Redactor;
  readonly limits: { readonly changesBytes: number; readonly payloadBytes: number };
  readonly knowsAction: (action: string) => boolean;
  readonly rulesOf: (model: string) => ChangeRules;
}

/** What is known about an event before it is completed: the input with its context merged in. */
export interface Draft extends LooseInput {
  readonly id: string;
  readonly timestamp: number;
  readonly actor: Actor;
  /** False when a member of what the caller gave could not be read. */
  readonly isWhole: boolean;
}

/** Gives the event its number in its process; asked only for an event that is really recorded. */
export type Numbering = () => NonNullable<EventCore['process']>;

type Payload = { [key: string]: Json | Payload | undefined };

/**
 * Turns whatever a caller gave into an entry: cleaned of secrets, bounded, canonical, committed. It never
 * throws for what the input holds. Undefined for an update that changed nothing.
 */
export class Completer {
  readonly #options: CompletionOptions;
  readonly #changes: ChangeTaker;

  constructor(options: CompletionOptions) {
    this.#options = options;
    this.#changes = new ChangeTaker(options.redactor, options.limits.changesBytes);
  }

  complete(draft: Draft, numbering?: Numbering): Entry | undefined {
    const flags = new Set<Flag>(draft.isWhole ? [] : ['invalid_input']);
    const images = this.#images(draft, flags);
    if (images === undefined) return undefined;
    const snapshot = new Snapshot(this.#options.limits.payloadBytes, this.#options.redactor, flags);
    const payload = new PayloadWriter(snapshot, draft).write(images);
    const action = this.#action(draft.action, payload, flags);
    const core = coreOf(draft, action, numbering?.(), flags);
    if (flags.size > 0) payload['flags'] = [...flags].sort();
    return commit(core, compact(payload), searchColumns(core, payload, draft));
  }

  #images(draft: Draft, flags: Set<Flag>): Images | undefined {
    if (draft.before === undefined && draft.after === undefined) return {};
    const rules = typeof draft.target?.type === 'string' ? this.#options.rulesOf(draft.target.type) : {};
    return this.#changes.take(draft.before, draft.after, rules, flags);
  }

  /** A misspelt action is kept under its own name, an impossible one as OTHER with the name beside it. */
  #action(given: unknown, payload: Payload, flags: Set<Flag>): string {
    const name = typeof given === 'string' ? given.toUpperCase() : '';
    if (name !== given || !this.#options.knowsAction(name)) flags.add('unknown_action');
    if (isActionName(name)) return name;
    payload['action_given'] = new Snapshot(ID_BYTES).text(given, ID_BYTES) ?? '';
    return 'OTHER';
  }
}

function coreOf(
  draft: Draft,
  action: string,
  process: EventCore['process'],
  flags: Set<Flag>,
): Omit<EventCore, 'payload_digest'> {
  const target = isObject(draft.target) ? draft.target : undefined;
  return {
    v: CORE_VERSION,
    id: draft.id,
    action,
    outcome: oneOf(OUTCOMES, draft.outcome, OUTCOME_OF[action] ?? 'success', flags),
    source: oneOf(SOURCES, draft.source, sourceOf(action), flags),
    actor: {
      type: oneOf(ACTOR_TYPES, draft.actor.type, 'anonymous', flags),
      id: idText(draft.actor.id, flags),
    },
    tenant_id: idText(draft.tenantId, flags),
    target: target && { type: idText(target.type, flags) ?? 'Unknown', id: idText(target.id, flags) },
    subject_id: idText(draft.subjectId, flags),
    process,
    count: Number.isSafeInteger(draft.count) && Number(draft.count) > 1 ? draft.count : undefined,
  };
}

function sourceOf(action: string): Source {
  if (action.startsWith('LOGIN_') || action === 'LOGOUT') return 'auth';
  return action.startsWith('AUDIT_') ? 'system' : 'manual';
}

/** Writes the part of an event that a person could ask us to erase. */
class PayloadWriter {
  readonly #snapshot: Snapshot;
  readonly #draft: Draft;

  constructor(snapshot: Snapshot, draft: Draft) {
    this.#snapshot = snapshot;
    this.#draft = draft;
  }

  write(images: Images): Payload {
    const draft = this.#draft;
    return {
      actor: this.#actor(draft.actor),
      target: isObject(draft.target) ? { label: this.#text(draft.target.label) } : undefined,
      subject_label: this.#text(draft.subjectLabel),
      subjects: this.#subjects(),
      occurred_at: this.#time(draft.occurredAt),
      before: images.before,
      after: images.after,
      operation: this.#text(draft.operation),
      transaction_id: this.#text(draft.transactionId),
      reason: this.#text(draft.reason),
      request: isObject(draft.request) ? this.#request(draft.request) : undefined,
      session_id: this.#text(draft.sessionId),
      trace_id: this.#text(draft.traceId),
      error: this.#snapshot.take(draft.error),
      metadata: this.#snapshot.take(draft.metadata),
    };
  }

  #text(value: unknown): string | undefined {
    return this.#snapshot.text(value, TEXT_BYTES);
  }

  #actor(actor: Actor): Payload {
    const behalf = isObject(actor.onBehalfOf) ? (actor.onBehalfOf as Actor) : undefined;
    return {
      username: this.#text(actor.username),
      email: this.#text(actor.email),
      name: this.#text(actor.name),
      role: this.#text(actor.role),
      on_behalf_of: behalf && {
        type: this.#text(behalf.type),
        id: this.#text(behalf.id),
        ...this.#actor({ ...behalf, onBehalfOf: undefined }),
      },
    };
  }

  #subjects(): Json | undefined {
    const { subjects } = this.#draft;
    return Array.isArray(subjects) ? this.#snapshot.take(subjects.map(String)) : undefined;
  }

  #request(request: RequestInfo): Payload {
    return {
      id: this.#text(request.id),
      method: this.#text(request.method),
      path: this.#text(request.path),
      route: this.#text(request.route),
      query: this.#snapshot.take(request.query),
      body: this.#snapshot.take(request.body),
      status_code: this.#snapshot.take(request.statusCode),
      duration_ms: this.#snapshot.take(request.durationMs),
      ip: this.#text(request.ip),
      ip_source: this.#text(request.ipSource),
      forwarded_for: this.#text(request.forwardedFor),
      user_agent: this.#text(request.userAgent),
    };
  }

  #time(given: unknown): string | undefined {
    if (given === undefined || given === null) return undefined;
    const time = given instanceof Date || typeof given === 'string' ? new Date(given) : new Date(Number.NaN);
    if (Number.isNaN(time.getTime())) {
      this.#snapshot.flags.add('invalid_time');
      return this.#text(String(given));
    }
    if (time.getTime() > this.#draft.timestamp + DAY_MS) this.#snapshot.flags.add('clock_skew');
    return time.toISOString();
  }
}

/** Leaves away what is absent, so that an empty `request` or `actor` does not weigh on every event. */
function compact(payload: Payload): Json {
  const out: Record<string, Json> = Object.create(null) as Record<string, Json>;
  for (const [key, value] of Object.entries(payload)) {
    if (value === undefined) continue;
    const kept =
      key === 'actor' || key === 'target' || key === 'request' || key === 'on_behalf_of'
        ? compact(value as Payload)
        : (value as Json);
    if (!isObject(kept) || Object.keys(kept).length > 0 || key === 'before' || key === 'after')
      out[key] = kept;
  }
  return out;
}

function searchColumns(
  core: Omit<EventCore, 'payload_digest'>,
  payload: Payload,
  draft: Draft,
): SearchColumns {
  const actor = payload['actor'] as Readonly<Record<string, string | undefined>>;
  const request = payload['request'] as Readonly<Record<string, string | undefined>> | undefined;
  const target = payload['target'] as Readonly<Record<string, string | undefined>> | undefined;
  const subjects = payload['subjects'];
  return {
    role: clip(actor['role'], 64),
    ip: clip(request?.['ip'], 64),
    actorText: folded([actor['username'], actor['email'], actor['name']]),
    text: folded([core.target?.type, target?.['label'], draft.subjectLabel, request?.['path']]),
    subjects:
      Array.isArray(subjects) && subjects.length > 0
        ? subjects.map((id) => clip(String(id), ID_BYTES) ?? '')
        : undefined,
  };
}

function folded(parts: readonly (string | undefined)[]): string | undefined {
  const present = parts.filter((part) => typeof part === 'string' && part !== '');
  return present.length === 0
    ? undefined
    : clip(fold(present.map((part) => unescapeText(part ?? '')).join(' ')), 512);
}

function clip(text: string | undefined, characters: number): string | undefined {
  return text === undefined || text.length <= characters ? text : wellFormed(text.slice(0, characters));
}

/** A cut may have split a character in two. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

/** An id as it was given, or, past what an index can hold, its beginning and its digest. */
function idText(value: unknown, flags: Set<Flag>): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const text = new Snapshot(ID_BYTES * 64, undefined, flags).text(
    typeof value === 'number' || typeof value === 'bigint' ? String(value) : value,
    ID_BYTES * 64,
  );
  const id = unescapeText(text ?? '');
  if (Buffer.byteLength(id) <= ID_BYTES) return id;
  flags.add('truncated');
  return `${wellFormed(id.slice(0, 40))}~${createHash('sha256').update(id).digest('hex')}`;
}

function oneOf<T extends string>(allowed: readonly T[], given: unknown, fallback: T, flags: Set<Flag>): T {
  if (given === undefined) return fallback;
  const found = allowed.find((value) => value === given);
  if (found === undefined) flags.add('invalid_input');
  return found ?? fallback;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
