import type { ModelRules } from '../capture/tables.js';
import type { AuditError } from '../event/errors.js';
import type { Actor } from '../event/event.js';
import type { LooseInput } from '../event/input.js';
import type { Context, Scope, Witness } from '../trail/context.js';
import type { TrustedProxies } from './address/client-address.js';

/** What is recorded of reading a model's records. */
export interface ReadRules {
  /** One that is missing is nobody's business either: asking for it is a denied attempt. True where `models` names a subject. */
  readonly protected?: boolean | undefined;
  /** False records no LIST of the model. */
  readonly lists?: boolean | undefined;
  /** False records no SEARCH of the model. */
  readonly searches?: boolean | undefined;
}

/** All that an HTTP adapter may ask of the trail it watches requests for. */
export interface Watching {
  /** Whose word on where a request came from is believed. */
  readonly trustedProxies: TrustedProxies;
  /** True for the name of something that must never be recorded. */
  isSecret(name: string): boolean;
  /** True for a model that the options of the trail name. */
  knowsModel(model: string): boolean;
  /** How a model's records are named and belong. */
  rulesOf(model: string): ModelRules;
  readRulesOf(model: string): ReadRules;
  isProtected(model: string): boolean;
  /**
   * A context to be entered by `within`; the witness learns of everything recorded there. It lies inside the context
   * of now only when that is a request's too: whoever started the server sends none of its requests.
   */
  open(context: Context, witness: Witness): Scope;
  /** Enters a context, unless the one of now lies inside it: who acts may have been learnt in there. */
  within<T>(scope: Scope, fn: () => T): T;
  /** What the context of now says of whoever acts, for an event that is told later. */
  around(): Pick<LooseInput, 'actor' | 'tenantId' | 'reason' | 'sessionId' | 'transactionId' | 'operation'>;
  /** Adds to a context what is learnt late. */
  add(scope: Scope, context: Context): void;
  /** The witness of now. */
  readonly witness: Witness | undefined;
  /** Who acts now, as far as anybody has said so. */
  actor(): Actor | undefined;
  /** True when an event of this action must be durable before the answer may leave. */
  waits(action: string, model: string | undefined): boolean;
  /** Records. What it returns must have resolved before the answer leaves; it rejects when the request must be refused. */
  record(event: LooseInput): Promise<void> | undefined;
  /** Records that something was read, or leaves it to the witness of now to tell it with its answer. */
  recordRead(event: LooseInput): Promise<void> | undefined;
  /** As `record`; beyond `limit` events of a key in a minute the rest is told as one event with their count. */
  recordWithin(limit: number, key: string, event: LooseInput): Promise<void> | undefined;
  /** As `record`; while somebody is still typing, the searches become one. */
  recordSearch(search: Search): Promise<void> | undefined;
  /** Reports a failure that must not break the request. */
  report(error: AuditError): void;
  /** One line for the start-up report. */
  attached(line: string): void;
}

/** A SEARCH, with what was searched for and by whom: such events of one person fold while the text grows. */
export interface Search {
  readonly event: LooseInput;
  readonly text: string;
}
