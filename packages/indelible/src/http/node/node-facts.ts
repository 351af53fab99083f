import type { IncomingMessage } from 'node:http';

import type { RequestFacts } from '../request-facts.js';

/** What Node's own request tells; the frameworks know the rest. */
export abstract class NodeFacts<R> implements RequestFacts<R> {
  readonly native: R;
  /** Taken at once: a socket that was closed does not know it any more. */
  readonly peer: string | undefined;
  readonly method: string;
  readonly url: string;
  readonly #headers: IncomingMessage['headers'];

  constructor(native: R, message: IncomingMessage, url: string = message.url ?? '/') {
    this.native = native;
    this.peer = message.socket?.remoteAddress;
    this.method = message.method ?? 'GET';
    this.url = url;
    this.#headers = message.headers;
  }

  header(name: string): string | undefined {
    const value = this.#headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  abstract route(): string | undefined;
  abstract body(): unknown;
}
