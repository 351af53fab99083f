import type { IncomingMessage, ServerResponse } from 'node:http';

import { NodeFacts } from '../node/node-facts.js';

/** What the requests of both platforms have; name `Request` of Express or `FastifyRequest` to see the rest of it. */
export interface NestRequest {
  readonly method: string;
  readonly url: string;
  readonly hostname: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  /** Whom a guard let in. */
  readonly user?: unknown;
}

/** A request as it is on one platform or the other: Fastify's holds Node's, Express's is Node's. */
export interface PlatformRequest {
  readonly raw?: IncomingMessage & { readonly user?: unknown };
  readonly originalUrl?: string;
  readonly baseUrl?: string;
  readonly route?: { readonly path?: unknown };
  readonly routeOptions?: { readonly url?: string | undefined };
  readonly body?: unknown;
  readonly user?: unknown;
}

/** As for the request. */
export interface PlatformResponse {
  readonly raw?: ServerResponse;
  json?: (body: unknown) => unknown;
  send?: (body: unknown) => unknown;
  header?: (name: string, value: string) => unknown;
}

/** Nest answers what no route matches by one of its own, which is the pattern of nothing. */
const NOT_FOUND = '*path';

export class NestFacts<R extends object> extends NodeFacts<R> {
  /** Fastify has found the route before anybody is asked, and forgets it when a handler says it is not found. */
  readonly #found: string | undefined;

  constructor(native: R) {
    super(native, messageOf(native), (native as PlatformRequest).originalUrl);
    this.#found = this.#platform.routeOptions?.url;
  }

  get #platform(): PlatformRequest {
    return this.native;
  }

  body(): unknown {
    return this.#platform.body;
  }

  route(): string | undefined {
    if (this.#found !== undefined) return this.#found;
    const { route, baseUrl = '' } = this.#platform;
    const own = route?.path;
    return typeof own === 'string' && own !== NOT_FOUND ? `${baseUrl}${own}` : undefined;
  }
}

export function messageOf(request: object): IncomingMessage {
  return (request as PlatformRequest).raw ?? (request as IncomingMessage);
}

export function nodeResponseOf(response: object): ServerResponse {
  return (response as PlatformResponse).raw ?? (response as ServerResponse);
}
