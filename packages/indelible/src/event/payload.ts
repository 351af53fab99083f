import { actorCore, OTHER } from './core.js';
import type { Draft } from './draft.js';
import type { Actor, ActorType, Json, RequestInfo } from './event.js';
import type { Flag } from './flag.js';
import { isList, lengthOf, msOf, readMember } from './foreign.js';
import { idText } from './id-text.js';
import type { Images } from './images.js';
import { instantOf } from './instant.js';
import type { Snapshot } from './snapshot.js';
import { escapeText } from './tagged.js';

/** Names, ids and headers. */
const NAME_BYTES = 1024;
/** What people write, and paths. */
const TEXT_BYTES = 8 * 1024;
const DAY_MS = 86_400_000;

type Text = string | undefined;

/** The part of an event that a person could ask us to erase. What is absent is undefined. */
export interface Payload {
  readonly actor: ActorPart | undefined;
  readonly target: { readonly label: Text } | undefined;
  readonly subject_label: Text;
  readonly reason: Text;
  readonly operation: Text;
  readonly transaction_id: Text;
  readonly session_id: Text;
  readonly trace_id: Text;
  readonly occurred_at: Text;
  readonly before: Images['before'];
  readonly after: Images['after'];
  readonly error: Json | undefined;
  readonly subjects: readonly string[] | undefined;
  readonly metadata: Json | undefined;
  readonly request: Readonly<RequestPart> | undefined;
  readonly flags?: readonly Flag[] | undefined;
}

interface PersonPart {
  readonly email: Text;
  readonly name: Text;
  readonly role: Text;
  readonly username: Text;
}

interface ActorPart extends PersonPart {
  readonly on_behalf_of: (PersonPart & { readonly type: ActorType; readonly id: Text }) | undefined;
}

interface RequestPart {
  body: Json | undefined;
  readonly duration_ms: Json | undefined;
  readonly forwarded_for: Text;
  readonly id: Text;
  readonly ip: Text;
  readonly ip_source: Text;
  readonly method: Text;
  readonly path: Text;
  query: Json | undefined;
  readonly route: Text;
  readonly status_code: Json | undefined;
  readonly user_agent: Text;
}

/** Writes the payload of one event, within the room of one snapshot. */
export class PayloadWriter {
  readonly #snapshot: Snapshot;
  readonly #flags: Set<Flag>;

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
    this.#flags = snapshot.flags;
  }

  /**
   * Two orders matter. What is short is taken first, so that no metadata, query or body crowds it out. And what is
   * made has its members in the order of the canonical form, in which it is then written at once.
   */
  write(draft: Draft, action: string, images: Images): Payload {
    const short = draft.request && this.#request(draft.request);
    const label = this.#text(draft.target?.label);
    const actor = present(this.#actor(draft.actor));
    const subjectLabel = this.#text(draft.subjectLabel);
    const reason = this.#text(draft.reason);
    const operation = this.#recurring(draft.operation);
    const transactionId = this.#name(draft.transactionId);
    const sessionId = this.#name(draft.sessionId);
    const traceId = this.#name(draft.traceId);
    const occurredAt = this.#time(draft.occurredAt, draft.timestamp);
    const error = this.#value(draft.error);
    const subjects = this.#subjects(draft.subjects);
    const metadata = this.#metadata(draft.metadata, action === OTHER ? draft.action : undefined);
    const request = short && draft.request && present(this.#withContent(short, draft.request));
    return {
      actor,
      after: images.after,
      before: images.before,
      error,
      metadata,
      occurred_at: occurredAt,
      operation,
      reason,
      request,
      session_id: sessionId,
      subject_label: subjectLabel,
      subjects,
      target: label === undefined ? undefined : { label },
      trace_id: traceId,
      transaction_id: transactionId,
    };
  }

  #name(value: unknown): Text {
    return this.#snapshot.text(value, NAME_BYTES);
  }

  #recurring(value: unknown): Text {
    return this.#snapshot.recurring(value, NAME_BYTES);
  }

  #text(value: unknown): Text {
    return this.#snapshot.text(value, TEXT_BYTES);
  }

  #value(value: unknown): Json | undefined {
    const copy = this.#snapshot.take(value);
    return copy === null || (typeof copy === 'object' && isEmpty(copy)) ? undefined : copy;
  }

  #number(value: unknown): Json | undefined {
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isFinite(value)) return this.#snapshot.take(value);
    this.#flags.add('invalid_input');
    return undefined;
  }

  #actor(actor: Actor): ActorPart {
    const behalf = actor.onBehalfOf && this.#behalf(actor.onBehalfOf);
    const { email, name, role, username } = this.#person(actor);
    return { email, name, on_behalf_of: behalf, role, username };
  }

  #person(person: Actor): PersonPart {
    return {
      email: this.#recurring(person.email),
      name: this.#recurring(person.name),
      role: this.#recurring(person.role),
      username: this.#recurring(person.username),
    };
  }

  #behalf(person: Actor): ActorPart['on_behalf_of'] {
    const { type, id } = actorCore(person, this.#flags);
    const { email, name, role, username } = this.#person(person);
    return { email, id: id && escapeText(id), name, role, type, username };
  }

  #request(request: RequestInfo): RequestPart {
    return {
      body: undefined,
      duration_ms: this.#number(request.durationMs),
      forwarded_for: this.#recurring(request.forwardedFor),
      id: this.#name(request.id),
      ip: this.#recurring(request.ip),
      ip_source: this.#recurring(request.ipSource),
      method: this.#recurring(request.method),
      path: this.#text(request.path),
      query: undefined,
      route: this.#recurring(request.route),
      status_code: this.#number(request.statusCode),
      user_agent: this.#recurring(request.userAgent),
    };
  }

  /** What may be long comes last. */
  #withContent(part: RequestPart, given: RequestInfo): RequestPart {
    part.body = this.#value(given.body);
    part.query = this.#value(given.query);
    return part;
  }

  #subjects(given: unknown): string[] | undefined {
    if (given === undefined) return undefined;
    if (isList(given)) return this.#ids(given);
    this.#flags.add('invalid_input');
    return undefined;
  }

  #ids(given: readonly unknown[]): string[] {
    const ids: string[] = [];
    const length = lengthOf(given);
    for (let i = 0; i < length; i += 1) {
      const id = idText(readMember(given, i), this.#flags) ?? '';
      if (!this.#snapshot.claim(id.length + 3)) break;
      if (id !== '') ids.push(escapeText(id));
    }
    return ids;
  }

  /** Always an object; the name of an impossible action stands there too. */
  #metadata(given: unknown, impossible: unknown): Json | undefined {
    const copy = this.#value(given);
    const metadata = copy === undefined || isRecord(copy) ? copy : { value: copy };
    if (metadata !== copy) this.#flags.add('invalid_input');
    const name = impossible === OTHER ? undefined : this.#name(impossible);
    return name === undefined ? metadata : { ...metadata, action_given: name };
  }

  /** When it happened, or, when that is no time at all, what was given instead. */
  #time(given: unknown, recorded: number): Text {
    if (given === undefined) return undefined;
    const ms = typeof given === 'string' ? instantOf(given) : msOf(given);
    if (ms === undefined || Number.isNaN(ms)) {
      this.#flags.add('invalid_time');
      return this.#name(given);
    }
    if (ms > recorded + DAY_MS) this.#flags.add('clock_skew');
    return new Date(ms).toISOString();
  }
}

function present<T extends object>(part: T): T | undefined {
  for (const key in part) if (part[key] !== undefined) return part;
  return undefined;
}

function isRecord(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}
