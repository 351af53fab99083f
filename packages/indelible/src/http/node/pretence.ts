import type { ServerResponse } from 'node:http';

const SETTERS = {
  setHeader: 'set',
  setHeaders: 'set',
  appendHeader: 'append',
  removeHeader: 'remove',
} as const;

/**
 * Makes an answer that is held back look as if its head had left. Else whoever handles an error, or answers twice,
 * would answer anew, or give this answer the headers of another.
 */
export class Pretence {
  readonly #response: ServerResponse;
  readonly #status: number;
  readonly #own = new Map<string, PropertyDescriptor | undefined>();

  constructor(response: ServerResponse) {
    this.#response = response;
    this.#status = response.statusCode;
    this.#seem('headersSent', true);
    // What middleware looks at that means to write a head but once, such as that of sessions.
    this.#seem('_header', 'held back');
    for (const [name, verb] of Object.entries(SETTERS)) {
      this.#seem(name, () => {
        throw headersSent(verb);
      });
    }
  }

  /** It looks as if all of it had left. */
  end(): void {
    this.#seem('writableEnded', true);
  }

  /** All is again as it was when the answer began. */
  stop(): void {
    for (const [name, own] of this.#own) {
      if (own === undefined) Reflect.deleteProperty(this.#response, name);
      else Object.defineProperty(this.#response, name, own);
    }
    this.#own.clear();
    this.#response.statusCode = this.#status;
  }

  #seem(name: string, value: unknown): void {
    if (!this.#own.has(name)) this.#own.set(name, Object.getOwnPropertyDescriptor(this.#response, name));
    Object.defineProperty(this.#response, name, { configurable: true, writable: true, value });
  }
}

/** The error that Node throws for it. */
export function headersSent(verb: string): Error {
  const error = new Error(`Cannot ${verb} headers after they are sent to the client`);
  return Object.assign(error, { code: 'ERR_HTTP_HEADERS_SENT' });
}
