import type { RequestFacts } from '../request-facts.js';
import { pathAndQuery } from './path-and-query.js';
import { bodyOf } from './request-body.js';

/** What a Request of the web tells; the frameworks know the rest. */
export abstract class WebFacts<R> implements RequestFacts<R> {
  readonly native: R;
  readonly method: string;
  readonly url: string;
  readonly peer: string | undefined;
  #reading: Promise<unknown> | undefined;
  #body: unknown;

  constructor(native: R, { method, url }: Request, peer: string | undefined) {
    this.native = native;
    this.method = method;
    this.url = pathAndQuery(url);
    this.peer = peer;
  }

  header(name: string): string | undefined {
    return this.request.headers.get(name) ?? undefined;
  }

  body(): unknown {
    return this.#body;
  }

  /** Reads the body beside the handler. To be awaited before the handler, since it can be read only once. */
  async learnBody(): Promise<void> {
    this.#reading ??= bodyOf(this.request, () => this.readAgain());
    this.#body = await this.#reading;
  }

  abstract route(): string | undefined;

  /** The Request of now; a framework may put another in its place. */
  protected abstract get request(): Request;

  /** A body that was read already, where the framework keeps it. */
  protected abstract readAgain(): Promise<string> | undefined;
}
