import type { IncomingMessage } from 'node:http';

import type { RequestFacts } from '../request-facts.js';

/** What Node's own request tells; the frameworks know the rest. */
export abstract class NodeFacts<R> implements RequestFacts<R> {
  readonly native: R;
  /** Taken at once: a socket that was closed does not know it any more. */
  readonly peer: string | undefined;
  readonly #message: IncomingMessage;

  constructor(native: R, message: IncomingMessage) {
    this.native = native;
    this.peer = message.socket?.remoteAddress;
    this.#message = message;
  }

  get method(): string {
    return this.#message.method ?? 'GET';
  }

  get url(): string {
    return this.#message.url ?? '/';
  }

  header(name: string): string | undefined {
    const value = this.#message.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  abstract route(): string | undefined;
  abstract body(): unknown;
}
