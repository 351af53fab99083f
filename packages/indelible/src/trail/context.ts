import { AsyncLocalStorage } from 'node:async_hooks';

import type { Actor, RequestInfo } from '../event/event.js';

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

/** One `run`: what it set, and the one around it. */
interface Scope {
  readonly set: { -readonly [K in keyof Context]: Context[K] };
  readonly parent: Scope | undefined;
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
    return this.#scopes.run({ set: { ...context }, parent: this.#scopes.getStore() }, () => {
      const result = fn();
      return isLazyThenable(result) ? (Promise.resolve(result) as T) : result;
    });
  }

  /** Adds to the innermost scope, for what is learnt late, such as who signed in. False outside any scope. */
  set(context: Context): boolean {
    const scope = this.#scopes.getStore();
    if (scope) Object.assign(scope.set, context);
    return scope !== undefined;
  }

  /** A function that runs in the scope of now, for callbacks that a queue or a pool will call from elsewhere. */
  bind<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => R {
    const scope = this.#scopes.getStore();
    return (...args) => (scope ? this.#scopes.run(scope, fn, ...args) : this.#scopes.exit(fn, ...args));
  }

  /** Runs `fn` as if nobody had asked for it. */
  outside<T>(fn: () => T): T {
    return this.#scopes.exit(fn);
  }

  current(): ResolvedContext {
    const resolved: Record<string, unknown> = {};
    for (const key of KEYS) {
      const value = this.#find(key);
      if (value !== undefined) resolved[key] = value;
    }
    return resolved;
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

function isLazyThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !(value instanceof Promise) &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}
