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
  readonly request: (RequestPart & RequestContent) | undefined;
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
  readonly duration_ms: Json | undefined;
  readonly forwarded_for: Text;
  readonly id: Text;
  readonly ip: Text;
  readonly ip_source: Text;
  readonly method: Text;
  readonly path: Text;
  readonly route: Text;
  readonly status_code: Json | undefined;
  readonly user_agent: Text;
}

interface RequestContent {
  readonly body: Json | undefined;
  readonly query: Json | undefined;
}

/** Writes the payload of one event, within the room of one snapshot. */
export class PayloadWriter {
  readonly #snapshot: Snapshot;
  readonly #flags: Set<Flag>;

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
    this.#flags = snapshot.flags;
  }

  /** The order matters: what is short is taken first, so that no metadata, query or body crowds it out. */
  write(draft: Draft, action: string, images: Images): Payload {
    const request = draft.request && this.#request(draft.request);
    const label = this.#text(draft.target?.label);
    return {
      actor: present(this.#actor(draft.actor)),
      target: label === undefined ? undefined : { label },
      subject_label: this.#text(draft.subjectLabel),
      reason: this.#text(draft.reason),
      operation: this.#name(draft.operation),
      transaction_id: this.#name(draft.transactionId),
      session_id: this.#name(draft.sessionId),
      trace_id: this.#name(draft.traceId),
      occurred_at: this.#time(draft.occurredAt, draft.timestamp),
      before: images.before,
      after: images.after,
      error: this.#value(draft.error),
      subjects: this.#subjects(draft.subjects),
      metadata: this.#metadata(draft.metadata, action === OTHER ? draft.action : undefined),
      request: request && present(this.#withContent(request, draft.request)),
    };
  }

  #name(value: unknown): Text {
    return this.#snapshot.text(value, NAME_BYTES);
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
    return { on_behalf_of: actor.onBehalfOf && this.#behalf(actor.onBehalfOf), ...this.#person(actor) };
  }

  #person(person: Actor): PersonPart {
    return {
      email: this.#name(person.email),
      name: this.#name(person.name),
      role: this.#name(person.role),
      username: this.#name(person.username),
    };
  }

  #behalf(person: Actor): ActorPart['on_behalf_of'] {
    const { type, id } = actorCore(person, this.#flags);
    return { type, id: id && escapeText(id), ...this.#person(person) };
  }

  #request(request: RequestInfo): RequestPart {
    return {
      duration_ms: this.#number(request.durationMs),
      forwarded_for: this.#name(request.forwardedFor),
      id: this.#name(request.id),
      ip: this.#name(request.ip),
      ip_source: this.#name(request.ipSource),
      method: this.#name(request.method),
      path: this.#text(request.path),
      route: this.#text(request.route),
      status_code: this.#number(request.statusCode),
      user_agent: this.#name(request.userAgent),
    };
  }

  #withContent(request: RequestPart, given: RequestInfo | undefined): RequestPart & RequestContent {
    return { body: this.#value(given?.body), query: this.#value(given?.query), ...request };
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
  return Object.values(part).some((member) => member !== undefined) ? part : undefined;
}

function isRecord(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}
