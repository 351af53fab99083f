import { randomUUID } from 'node:crypto';

import type { Target } from '../event/event.js';
import { type ClientAddress, clientAddress } from './address/client-address.js';
import { Exchange } from './exchange.js';
import { pathOf, type RequestFacts } from './request-facts.js';
import { Paths, type RequestOptions, SKIPPED } from './request-options.js';
import { RouteTargets } from './route/route-target.js';
import { HIDDEN, SecretPaths } from './route/secret-path.js';
import type { Watching } from './watching.js';

const LIMIT = 100;
const REQUEST_ID = /^[\w.:/+=-]{1,128}$/;

/** One attachment to an application: opens an exchange for each request, and knows which of them are told. */
export class SafetyNet<R> {
  readonly watching: Watching;
  readonly options: RequestOptions<R>;
  /** So many API_REQUEST of one key in a minute. */
  readonly limit: number;
  readonly #watched: Paths;
  readonly #skipped: Paths;
  readonly #targets: RouteTargets;
  readonly #secrets: SecretPaths;

  constructor(watching: Watching, options: RequestOptions<R>) {
    const prefixes = [options.prefix ?? '/api/'].flat();
    this.watching = watching;
    this.options = options;
    this.limit = options.maxEventsPerMinute ?? LIMIT;
    this.#watched = new Paths(options.enabled === false ? [] : prefixes);
    this.#skipped = new Paths([...SKIPPED, ...(options.skipPaths ?? [])]);
    this.#targets = new RouteTargets({
      prefixes,
      resources: options.resources ?? {},
      knowsModel: (model) => watching.knowsModel(model),
    });
    this.#secrets = new SecretPaths((name) => watching.isSecret(name));
  }

  /** The exchange of one request; its work is to run `within` it. */
  open(facts: RequestFacts<R>): Exchange<R> {
    return new Exchange(this, facts, pathOf(facts.url));
  }

  /** True where a refusal that nobody recorded is told. */
  watches(path: string): boolean {
    return this.#watched.has(path);
  }

  /** True where a request that nobody recorded is told. */
  tells(path: string): boolean {
    return this.#watched.has(path) && !this.#skipped.has(path);
  }

  /** The path as it may be kept. */
  shownPath(route: string | undefined, path: string): string {
    return this.#secrets.mask(route, path);
  }

  targetOf(route: string | undefined, path: string): Target | undefined {
    const target = this.#targets.targetOf(route, this.shownPath(route, path));
    return target?.id === HIDDEN ? { type: target.type } : target;
  }

  /** Where a request came from. */
  addressOf(facts: RequestFacts<R>): ClientAddress {
    return clientAddress(facts.peer, facts.header('x-forwarded-for'), this.watching.trustedProxies);
  }

  /** Whoever is asked by a trusted proxy takes over its word for the request; nobody else may choose it. */
  requestId(facts: RequestFacts<R>): string {
    const own = this.options.requestId?.(facts.native);
    if (own !== undefined) return own;
    const { trustedProxies } = this.watching;
    const given = trustedProxies.isEmpty ? undefined : facts.header('x-request-id');
    const isBelieved =
      given !== undefined &&
      facts.peer !== undefined &&
      REQUEST_ID.test(given) &&
      trustedProxies.trusts(facts.peer);
    return isBelieved ? given : randomUUID();
  }
}
