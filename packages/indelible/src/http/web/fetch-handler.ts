import { AuditError } from '../../event/errors.js';
import { type Problem, REASON_REQUIRED, UNRECORDED } from '../problem.js';
import type { SafetyNet } from '../safety-net.js';
import { headOf, headOfThrown, isNoRequest, isResponse, shownBy } from './came-of.js';
import { FetchCall, FetchFacts } from './fetch-call.js';
import {
  type AskFetch,
  ask,
  type FetchArguments,
  type FetchReading,
  type FetchRoute,
} from './fetch-options.js';
import { peerBy } from './peer.js';
import { readWithin } from './stream-context.js';
import { problemInstead } from './response-answer.js';

/** What becomes of an error, as every server has it that is left to itself. */
const FAILED = { status: 500, header: () => undefined };

/** One attachment to an application. */
export interface FetchNet {
  readonly net: SafetyNet<Request>;
  readonly peer: AskFetch<string> | undefined;
}

/** A handler that is watched. */
export class FetchHandler<P extends FetchArguments, T> {
  readonly #attached: FetchNet;
  readonly #handler: (...args: P) => T;
  readonly #route: string | undefined;
  readonly #readings: readonly FetchReading[];

  constructor(attached: FetchNet, handler: (...args: P) => T, { route, reading = [] }: FetchRoute) {
    this.#attached = attached;
    this.#handler = handler;
    this.#route = route;
    this.#readings = [reading].flat();
  }

  async call(args: P): Promise<Awaited<T>> {
    const { net } = this.#attached;
    const request = requestIn(args);
    if (request === undefined) return this.#unwatched(args);
    const known = FetchCall.of(net.watching, request);
    const call = known ?? this.#open(request, args);
    call.facts.named(this.#route);
    return known === undefined ? this.#watched(call, args) : this.#read(call, args);
  }

  #open(request: Request, args: P): FetchCall {
    const { net, peer } = this.#attached;
    const rest = args[0] === request ? args.slice(1) : args;
    const address = peer && peerBy(net.watching, () => ask(peer, request, rest));
    return new FetchCall(net, new FetchFacts(request, rest, address));
  }

  async #unwatched(args: P): Promise<Awaited<T>> {
    this.#attached.net.watching.report(
      new AuditError(
        'INVALID_OPTIONS',
        'A handler given to auditFetch was called without a Request, so that this call was not watched: wrap what is called with a Request, or with an object that has one as `request`.',
      ),
    );
    return await this.#handler(...args);
  }

  async #watched(call: FetchCall, args: P): Promise<Awaited<T>> {
    let answer: Awaited<T>;
    try {
      if (this.#attached.net.options.logBodies === true) await call.facts.learnBody();
      answer = await this.#read(call, args);
    } catch (thrown) {
      if (isNoRequest(thrown) || (await this.#tellThrown(call, thrown))) throw thrown;
      return refused(args, UNRECORDED, thrown) as Awaited<T>;
    }
    if (!(await call.tell(headOf(answer)))) return refused(args, UNRECORDED, answer) as Awaited<T>;
    if (isResponse(answer)) readWithin(call.exchange, answer);
    return answer;
  }

  #tellThrown(call: FetchCall, thrown: unknown): Promise<boolean> {
    const head = headOfThrown(thrown);
    if (head === undefined) call.exchange.fails(thrown);
    return call.tell(head ?? FAILED);
  }

  async #read({ exchange, facts }: FetchCall, args: P): Promise<Awaited<T>> {
    const readings = this.#readings;
    if (readings.length > 0 && !facts.header('x-audit-reason')) await facts.learnBody();
    if (!readings.every(({ reading }) => exchange.expects(reading)))
      return refused(args, REASON_REQUIRED) as Awaited<T>;
    // An answer that begins its work when it is awaited begins it in here.
    const answer = await exchange.within(async () => await this.#handler(...args));
    if (readings.length > 0) exchange.answers(await shownBy(answer));
    return answer;
  }
}

function requestIn([first]: FetchArguments): Request | undefined {
  if (typeof first !== 'object' || first === null) return undefined;
  const request = 'request' in first ? first.request : first;
  return isRequest(request) ? request : undefined;
}

/** Node's own request is not one. */
function isRequest(value: unknown): value is Request {
  const { url, headers, signal } = Object(value) as Partial<Request>;
  return typeof url === 'string' && typeof headers?.get === 'function' && signal !== undefined;
}

/**
 * Answers instead of the handler. Of a loader the answer is thrown, as its framework asks for: it would be taken for
 * the data that the page shows.
 */
function refused([first]: FetchArguments, problem: Problem, answer?: unknown): unknown {
  const response: unknown = problemInstead(problem, isResponse(answer) ? answer : undefined);
  if (isLoader(first)) throw response;
  return response;
}

/** The arguments of a loader or an action have their `context`; the event of SvelteKit has none. */
function isLoader(first: FetchArguments[0]): boolean {
  return typeof first === 'object' && 'request' in first && 'context' in first;
}
