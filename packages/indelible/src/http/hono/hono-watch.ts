import type { Context, Next } from 'hono';

import type { Exchange } from '../exchange.js';
import { type Problem, UNRECORDED } from '../problem.js';
import type { AnswerHead } from '../request-facts.js';
import type { SafetyNet } from '../safety-net.js';
import type { Ending } from '../verdict.js';
import type { Watching } from '../watching.js';
import { onAbort } from '../web/abort.js';
import { readWithin } from '../web/stream-context.js';
import { problemInstead, ResponseHead } from '../web/response-answer.js';
import { WatchedRequests } from '../watched-requests.js';
import type { HonoFacts } from './hono-facts.js';
import { nodeOf } from './hono-node.js';

const watches = new WatchedRequests<Context, HonoWatch>();

/** One request of a Hono application, and its answer. */
export class HonoWatch {
  readonly facts: HonoFacts;
  readonly exchange: Exchange<Context>;
  readonly #net: SafetyNet<Context>;
  /** True where Node says when the last byte of the answer has left. */
  readonly #isFollowed: boolean;
  readonly #forget: () => void;
  #isRefused = false;

  constructor(net: SafetyNet<Context>, facts: HonoFacts) {
    this.facts = facts;
    this.exchange = net.open(facts);
    this.#net = net;
    this.#isFollowed = this.#follow();
    this.#forget = this.#isFollowed ? nothing : onAbort(facts.native.req.raw, () => this.#end('aborted'));
    watches.keep(net.watching, facts.native, this);
  }

  /** The watch over a request that is open already. */
  static of(watching: Watching, context: Context): HonoWatch | undefined {
    return watches.of(watching, context);
  }

  /** Runs all that is behind the middleware, and tells of the answer that comes of it. */
  async around(next: Next): Promise<void> {
    const { exchange, facts } = this;
    try {
      if (this.#net.options.logBodies === true) await facts.learnBody();
      await exchange.within(next);
    } catch (error) {
      // Hono catches every Error but those of `notFound`: what its own handler makes of them is not known here.
      exchange.fails(error);
      await this.#tell({ status: statusOf(error), header: () => undefined });
      throw error;
    }
    if (facts.native.error !== undefined) exchange.fails(facts.native.error);
    if (!(await this.#tell(headOf(facts.native)))) this.answer(UNRECORDED);
    else if (facts.native.finalized) readWithin(exchange, facts.native.res);
  }

  /** Answers instead of whatever has answered so far. */
  answer(problem: Problem): void {
    const { native } = this.facts;
    const instead = problemInstead(problem, native.finalized ? native.res : undefined);
    // The headers of an answer that is there would be kept.
    native.res = undefined;
    native.res = instead;
  }

  /** False when the answer must not leave. */
  async #tell(head: AnswerHead): Promise<boolean> {
    this.#forget();
    if (!this.#isFollowed && this.facts.native.req.raw.signal.aborted) this.#end('aborted');
    const wait = this.exchange.head(head);
    this.#isRefused = wait !== undefined && !(await wait.then(yes, no));
    if (!this.#isFollowed) this.#end('answered');
    return !this.#isRefused;
  }

  #follow(): boolean {
    const { outgoing } = nodeOf(this.facts.native);
    if (typeof outgoing?.once !== 'function') return false;
    outgoing.once('finish', () => this.#end('answered'));
    outgoing.once('close', () => this.#end('aborted'));
    return true;
  }

  #end(ending: Ending): void {
    if (!this.#isRefused) this.exchange.end(ending);
  }
}

/** Where nobody has answered, Hono fails. */
function headOf(context: Context): AnswerHead {
  return context.finalized ? new ResponseHead(context.res) : { status: 500, header: () => undefined };
}

/** An HTTPException says how it is to be answered. */
function statusOf(error: unknown): number {
  const { status, getResponse } = Object(error) as {
    readonly status?: unknown;
    readonly getResponse?: unknown;
  };
  return typeof getResponse === 'function' && typeof status === 'number' ? status : 500;
}

function yes(): boolean {
  return true;
}

function no(): boolean {
  return false;
}

function nothing(): void {}
