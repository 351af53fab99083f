import type { BuiltInAction, Catalogue, EmptyCatalogue, MetadataOf } from './actions.js';
import type { Actor, Outcome, RequestInfo, Source, Target } from './event.js';

/** What a caller may say about an event, besides its action. Everything left out comes from the context. */
export interface EventFields {
  readonly outcome?: Outcome | undefined;
  readonly source?: Source | undefined;
  readonly actor?: Actor | undefined;
  readonly tenantId?: string | undefined;
  readonly target?: Target | undefined;
  /** The person the record is about. */
  readonly subjectId?: string | undefined;
  readonly subjectLabel?: string | undefined;
  /** The people a list or an export is about. */
  readonly subjects?: readonly string[] | undefined;
  /** The record before and after; of an update only what differs is kept. */
  readonly before?: object | undefined;
  readonly after?: object | undefined;
  /** The name of the write, such as `Appointment.update`. */
  readonly operation?: string | undefined;
  readonly transactionId?: string | undefined;
  readonly reason?: string | undefined;
  readonly request?: RequestInfo | undefined;
  readonly sessionId?: string | undefined;
  readonly traceId?: string | undefined;
  readonly error?: unknown;
  /** When it happened, for something recorded after the fact. */
  readonly occurredAt?: Date | string | undefined;
  /** How many acts a folded event stands for. */
  readonly count?: number | undefined;
}

type Metadata = Readonly<Record<string, unknown>>;

/** Metadata that may be left out, when the action asks for none or only for what may be left out. */
type WithMetadata<M> = [keyof M] extends [never]
  ? { readonly metadata?: Metadata | undefined }
  : Partial<M> extends M
    ? { readonly metadata?: Readonly<M> | undefined }
    : { readonly metadata: Readonly<M> };

type OwnInput<C extends Catalogue> = {
  [K in keyof C & string]: EventFields & { readonly action: K } & WithMetadata<MetadataOf<C[K]>>;
}[keyof C & string];

type BuiltInInput<A extends BuiltInAction> = EventFields & {
  readonly action: A;
  readonly metadata?: Metadata | undefined;
};

/**
 * What `record` takes: a built-in action, or one of the application's catalogue with its metadata. A built-in
 * action that stands in the catalogue too asks for the metadata that the catalogue names.
 */
export type EventInput<C extends Catalogue = EmptyCatalogue> =
  | BuiltInInput<Exclude<BuiltInAction, keyof C>>
  | OwnInput<C>;

/** An input whose action has been checked already, or cannot be: what the recorder works with. */
export interface LooseInput extends EventFields {
  readonly action: string;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

const ACTOR_KEYS = ['type', 'id', 'username', 'email', 'name', 'role', 'onBehalfOf'];
const TARGET_KEYS = ['type', 'id', 'label'];
const REQUEST_KEYS = [
  'id',
  'method',
  'path',
  'route',
  'query',
  'body',
  'statusCode',
  'durationMs',
  'ip',
  'ipSource',
  'forwardedFor',
  'userAgent',
];
const FIELD_KEYS = [
  'action',
  'outcome',
  'source',
  'actor',
  'tenantId',
  'target',
  'subjectId',
  'subjectLabel',
  'subjects',
  'before',
  'after',
  'operation',
  'transactionId',
  'reason',
  'request',
  'sessionId',
  'traceId',
  'error',
  'occurredAt',
  'count',
  'metadata',
];
const PARTS = [
  ['actor', ACTOR_KEYS],
  ['target', TARGET_KEYS],
  ['request', REQUEST_KEYS],
] as const;

/** An input read once, member by member, with a word on whether every member could be read. */
export interface ReadInput {
  readonly input: Partial<LooseInput>;
  readonly isWhole: boolean;
}

/**
 * Reads what a caller gave, which may be a proxy, hold throwing getters, or be no object at all. Only the
 * members of an event are taken: an id, a time of recording or a place in the log cannot be given.
 */
export function readInput(given: unknown): ReadInput {
  const reader = new MemberReader();
  if (typeof given === 'string') return { input: { action: given }, isWhole: true };
  const input: Record<string, unknown> = reader.pick(given, FIELD_KEYS) ?? {};
  for (const [key, keys] of PARTS) {
    if (input[key] !== undefined) input[key] = reader.pick(input[key], keys);
  }
  const actor = input['actor'] as Record<string, unknown> | undefined;
  if (actor?.['onBehalfOf'] !== undefined) actor['onBehalfOf'] = reader.pick(actor['onBehalfOf'], ACTOR_KEYS);
  return { input, isWhole: reader.isWhole };
}

class MemberReader {
  isWhole = true;

  /** The named members that are there; undefined when there are none, or it is no object. */
  pick(value: unknown, keys: readonly string[]): Record<string, unknown> | undefined {
    if (typeof value !== 'object' || value === null) {
      this.isWhole = false;
      return undefined;
    }
    try {
      return members(value, keys);
    } catch {
      // Something in it throws: now it is read so that only that is lost.
      return this.#readEach(value, keys);
    }
  }

  #readEach(value: object, keys: readonly string[]): Record<string, unknown> | undefined {
    let picked: Record<string, unknown> | undefined;
    for (const key of keys) {
      const member = this.#read(value, key);
      if (member !== undefined && member !== null) (picked ??= {})[key] = member;
    }
    return picked;
  }

  #read(value: object, key: string): unknown {
    try {
      return Reflect.get(value, key);
    } catch {
      // One member that throws costs that member, never the event; the event says so.
      this.isWhole = false;
      return undefined;
    }
  }
}

function members(value: object, keys: readonly string[]): Record<string, unknown> | undefined {
  let picked: Record<string, unknown> | undefined;
  for (const key of keys) {
    const member: unknown = value[key as keyof typeof value];
    if (member !== undefined && member !== null) (picked ??= {})[key] = member;
  }
  return picked;
}
