import { AsyncLocalStorage } from 'node:async_hooks';

import type { EventCore } from '../event/entry.js';
import type { Actor, RequestInfo } from '../event/event.js';
import type { LooseInput } from '../event/input.js';
import { isThenable } from './thenable.js';

/** What is known around an event: every member may also be a function, called when an event is written. */
export interface Context {
  readonly actor?: Lazy<Actor>;
  readonly tenantId?: Lazy<string>;
  readonly request?: Lazy<RequestInfo>;
  readonly reason?: Lazy<string>;
  readonly sessionId?: Lazy<string>;
  readonly traceId?: Lazy<string>;
  readonly transactionId?: Lazy<string>;
  readonly operation?: Lazy<string>;
}

type Lazy<T> = T | undefined | (() => T | undefined);

/** A context with every function in it called. */
export type ResolvedContext = {
  readonly [K in keyof Context]?: Exclude<Context[K], (() => unknown) | undefined>;
};

const KEYS = [
  'actor',
  'tenantId',
  'request',
  'reason',
  'sessionId',
  'traceId',
  'transactionId',
  'operation',
] as const;

const SYSTEM: Actor = { type: 'system', name: 'system' };
const ANONYMOUS: Actor = { type: 'anonymous' };

/** Learns of every event that is recorded in the scopes it was given for. */
export interface Witness {
  saw(fact: Fact): void;
  /** Takes over an event that it will tell itself, or with what else it knows; false when it will not. */
  takes(event: LooseInput): boolean;
  /** What is done from here on records itself: nothing need be told of its request. */
  silence?(): void;
}

/** What a witness learns of an event. */
export type Fact = Pick<EventCore, 'action' | 'outcome' | 'source' | 'target'>;

/** One `run`: what it set, and the one around it. */
export interface Scope {
  readonly set: { -readonly [K in keyof Context]: Context[K] };
  readonly parent: Scope | undefined;
  readonly witness: Witness | undefined;
}

/**
 * Carries who, where from and why along everything a call sets off. Scopes nest: what an inner one leaves
 * open comes from the one around it, at the moment it is asked for.
 */
export class ContextStack {
  readonly #scopes = new AsyncLocalStorage<Scope>();
  readonly #report: (error: unknown) => void;

  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  /**
   * Runs `fn` inside a scope. A lazy thenable (a query that starts when awaited) is started inside too:
   * otherwise its work would run outside, without an actor.
   */
  run<T>(context: Context, fn: () => T): T {
    return this.#scopes.run(this.open(context), () => {
      const result = fn();
      return isThenable(result) && !(result instanceof Promise) ? (Promise.resolve(result) as T) : result;
    });
  }

  /**
   * A scope to be entered by `within` as often as there is something to do in it. It lies inside the one of now; with
   * a witness of its own only when that has one too.
   */
  open(context: Context, witness?: Witness): Scope {
    const around = this.#scopes.getStore();
    const parent = witness === undefined || around?.witness !== undefined ? around : undefined;
    return { set: Object.assign({}, context), parent, witness: witness ?? parent?.witness };
  }

  /** True when the scope of now is this one or lies inside it. */
  isWithin(scope: Scope): boolean {
    let at = this.#scopes.getStore();
    while (at !== undefined && at !== scope) at = at.parent;
    return at === scope;
  }

  within<T>(scope: Scope, fn: () => T): T {
    return this.#scopes.run(scope, fn);
  }

  /** Adds to the innermost scope, for what is learnt late, such as who signed in. False outside any scope. */
  set(context: Context): boolean {
    const scope = this.#scopes.getStore();
    if (scope) Object.assign(scope.set, context);
    return scope !== undefined;
  }

  /** As `set`, for the whole request that the scope of now lies in: what ends with a scope inside it would be lost. */
  setInRequest(context: Context): boolean {
    let scope = this.#scopes.getStore();
    while (scope !== undefined && !('request' in scope.set)) scope = scope.parent;
    if (scope === undefined) return this.set(context);
    Object.assign(scope.set, context);
    return true;
  }

  /** A function that runs in the scope of now, for callbacks that a queue or a pool will call from elsewhere. */
  bind<T, A extends unknown[], R>(fn: (this: T, ...args: A) => R): (this: T, ...args: A) => R {
    const scopes = this.#scopes;
    const scope = scopes.getStore();
    return function bound(this: T, ...args: A): R {
      const call = (): R => fn.apply(this, args);
      return scope ? scopes.run(scope, call) : scopes.exit(call);
    };
  }

  /** Who is to learn of what is recorded now. */
  get witness(): Witness | undefined {
    return this.#scopes.getStore()?.witness;
  }

  /** Runs `fn` as if nobody had asked for it. */
  outside<T>(fn: () => T): T {
    return this.#scopes.exit(fn);
  }

  actor(): Actor | undefined {
    return this.#find('actor') as Actor | undefined;
  }

  current(): ResolvedContext {
    const resolved: Record<string, unknown> = {};
    for (const key of KEYS) {
      const value = this.#find(key);
      if (value !== undefined) resolved[key] = value;
    }
    return resolved;
  }

  /**
   * Who acts when no actor is known: outside any scope the program itself; inside one that has a request, or
   * asks for an actor and gets none, somebody who has not signed in.
   */
  nobody(): Actor {
    for (let scope = this.#scopes.getStore(); scope; scope = scope.parent) {
      if ('actor' in scope.set || 'request' in scope.set) return ANONYMOUS;
    }
    return SYSTEM;
  }

  /** The nearest scope that knows; a function that answers undefined passes the question on. */
  #find(key: (typeof KEYS)[number]): unknown {
    for (let scope = this.#scopes.getStore(); scope; scope = scope.parent) {
      const value = scope.set[key];
      const known = typeof value === 'function' ? this.#call(value) : value;
      if (known !== undefined && known !== null) return known;
    }
    return undefined;
  }

  #call(lookUp: () => unknown): unknown {
    try {
      return lookUp();
    } catch (error) {
      this.#report(error);
      return undefined;
    }
  }
}
