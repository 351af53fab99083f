import type { Context } from 'hono';

import { WebFacts } from '../web/web-facts.js';
import { routeOf } from './hono-route.js';

/** What a context of Hono's tells of its request. */
export class HonoFacts extends WebFacts<Context> {
  #routeIndex = -1;
  #route: string | undefined;

  constructor(context: Context, peer: string | undefined) {
    super(context, context.req.raw, peer);
  }

  route(): string | undefined {
    const { routeIndex } = this.native.req;
    if (routeIndex !== this.#routeIndex) {
      this.#routeIndex = routeIndex;
      this.#route = routeOf(this.native);
    }
    return this.#route;
  }

  protected get request(): Request {
    return this.native.req.raw;
  }

  /** Of what was read by `c.req`, Hono keeps a copy. */
  protected readAgain(): Promise<string> {
    return this.native.req.text();
  }
}
