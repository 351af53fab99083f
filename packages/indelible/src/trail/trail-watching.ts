import type { ModelRules } from '../capture/tables.js';
import type { AuditError } from '../event/errors.js';
import type { Actor } from '../event/event.js';
import type { LooseInput } from '../event/input.js';
import type { TrustedProxies } from '../http/address/client-address.js';
import type { ReadRules, Search, Watching } from '../http/watching.js';
import type { Context, ContextStack, Scope, Witness } from './context.js';
import type { Deliverer } from './delivery.js';
import type { Folding } from './folding/folding.js';
import type { Settings } from './options.js';
import type { Recorder } from './recorder.js';
import type { Teller } from './teller.js';

export interface WatchingParts {
  readonly settings: Settings;
  readonly context: ContextStack;
  readonly recorder: Recorder;
  readonly deliverer: Deliverer;
  readonly folding: Folding;
  readonly teller: Teller;
}

const NO_RULES: ModelRules & ReadRules = {};

/** The trail as an HTTP adapter sees it. */
export class TrailWatching implements Watching {
  readonly trustedProxies: TrustedProxies;
  readonly #parts: WatchingParts;

  constructor(parts: WatchingParts) {
    this.#parts = parts;
    this.trustedProxies = parts.settings.trustedProxies;
  }

  knowsModel(model: string): boolean {
    const { models, reads } = this.#parts.settings;
    return Object.hasOwn(models, model) || Object.hasOwn(reads, model);
  }

  rulesOf(model: string): ModelRules {
    const { models } = this.#parts.settings;
    return (Object.hasOwn(models, model) && models[model]) || NO_RULES;
  }

  readRulesOf(model: string): ReadRules {
    const { reads } = this.#parts.settings;
    return (Object.hasOwn(reads, model) && reads[model]) || NO_RULES;
  }

  isProtected(model: string): boolean {
    return this.readRulesOf(model).protected ?? this.rulesOf(model).subject !== undefined;
  }

  open(context: Context, witness: Witness): Scope {
    return this.#parts.context.open(context, witness);
  }

  within<T>(scope: Scope, fn: () => T): T {
    const { context } = this.#parts;
    return context.isWithin(scope) ? fn() : context.within(scope, fn);
  }

  add(scope: Scope, context: Context): void {
    this.#parts.context.within(scope, () => this.#parts.context.set(context));
  }

  isSecret(name: string): boolean {
    return this.#parts.settings.redactor.isSecret(name);
  }

  around(): ReturnType<Watching['around']> {
    const { request: _, traceId: __, ...around } = this.#parts.context.current();
    return around;
  }

  actor(): Actor | undefined {
    return this.#parts.context.actor();
  }

  get witness(): Witness | undefined {
    return this.#parts.context.witness;
  }

  waits(action: string, model: string | undefined): boolean {
    return this.#parts.deliverer.modeOf(action, model, false) === 'before';
  }

  record(event: LooseInput): Promise<void> | undefined {
    return this.#parts.recorder.recordNow(event);
  }

  recordRead(event: LooseInput): Promise<void> | undefined {
    return this.witness?.takes(event) === true ? undefined : this.record(event);
  }

  recordWithin(limit: number, key: string, event: LooseInput): Promise<void> | undefined {
    const { folding, recorder } = this.#parts;
    return folding.absorbsRequest(limit, key, event) ? undefined : recorder.recordNow(event);
  }

  recordSearch(search: Search): Promise<void> | undefined {
    const { folding, recorder } = this.#parts;
    const { target } = search.event;
    const mustWait = this.waits('SEARCH', target?.type);
    return !mustWait && folding.absorbsSearch(search) ? undefined : recorder.recordNow(search.event);
  }

  report(error: AuditError): void {
    this.#parts.teller.report(error);
  }

  attached(line: string): void {
    this.#parts.teller.log(`indelible: requests: ${line}`);
  }
}
