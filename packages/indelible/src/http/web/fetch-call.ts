import type { Exchange } from '../exchange.js';
import type { AnswerHead } from '../request-facts.js';
import type { SafetyNet } from '../safety-net.js';
import type { Watching } from '../watching.js';
import { onAbort } from './abort.js';
import { WatchedRequests } from '../watched-requests.js';
import { WebFacts } from './web-facts.js';

const calls = new WatchedRequests<Request, FetchCall>();

/** One request that a handler, or several inside each other, are called for. */
export class FetchCall {
  readonly facts: FetchFacts;
  readonly exchange: Exchange<Request>;
  readonly #forget: () => void;

  constructor(net: SafetyNet<Request>, facts: FetchFacts) {
    this.facts = facts;
    this.exchange = net.open(facts);
    this.#forget = onAbort(facts.native, () => this.exchange.end('aborted'));
    calls.keep(net.watching, facts.native, this);
  }

  /** The call that is under way for a request already. */
  static of(watching: Watching, request: Request): FetchCall | undefined {
    return calls.of(watching, request);
  }

  /** Tells of an answer that is about to leave. False when it must not, and the request is to be refused. */
  async tell(head: AnswerHead): Promise<boolean> {
    const { exchange, facts } = this;
    this.#forget();
    if (facts.native.signal.aborted) {
      exchange.end('aborted');
      return true;
    }
    const wait = exchange.head(head);
    const mayLeave = wait === undefined || (await wait.then(yes, no));
    if (mayLeave) exchange.end();
    return mayLeave;
  }
}

/** What a Request tells, with the rest of what its handler is called with. */
export class FetchFacts extends WebFacts<Request> {
  readonly rest: readonly unknown[];
  #route: string | undefined;

  constructor(request: Request, rest: readonly unknown[], peer: string | undefined) {
    super(request, request, peer);
    this.rest = rest;
  }

  /** Of handlers inside each other, the innermost that knows a pattern knows it best. */
  named(route: string | undefined): void {
    this.#route = route ?? this.#route;
  }

  route(): string | undefined {
    return this.#route;
  }

  protected get request(): Request {
    return this.native;
  }

  protected readAgain(): undefined {
    return undefined;
  }
}

function yes(): boolean {
  return true;
}

function no(): boolean {
  return false;
}
