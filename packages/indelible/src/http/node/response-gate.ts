import type { ServerResponse } from 'node:http';

import type { Exchange } from '../exchange.js';
import type { AnswerHead } from '../request-facts.js';
import { PROBLEM_TYPE, problemBody, UNRECORDED } from '../problem.js';

const GATED = ['writeHead', 'write', 'end', 'flushHeaders'] as const;
type Gated = (typeof GATED)[number];
type Call = (...args: unknown[]) => unknown;

/** Lets the exchange know of its answer, whichever framework makes it: everything goes through these methods. */
export function gate<R>(exchange: Exchange<R>, response: ServerResponse): void {
  const own = new ResponseGate(exchange, response);
  for (const name of GATED) {
    if (typeof response[name] !== 'function') continue;
    const original = (response[name] as Call).bind(response);
    own.keep(name, original);
    Object.assign(response, { [name]: (...args: unknown[]) => own.pass(name, original, args) });
  }
  response.on('close', () => own.closed());
}

/**
 * Holds an answer back for as long as what it shows must become durable first; most pass without waiting.
 * What is held is played in its order afterwards, so that the framework above notices nothing but the time.
 */
class ResponseGate<R> implements AnswerHead {
  readonly #exchange: Exchange<R>;
  readonly #response: ServerResponse;
  readonly #originals = new Map<Gated, Call>();
  #status: number | undefined;
  #given: unknown;
  #hasHead = false;
  #held: { readonly name: Gated; readonly args: unknown[] }[] | undefined;
  #isRefused = false;

  constructor(exchange: Exchange<R>, response: ServerResponse) {
    this.#exchange = exchange;
    this.#response = response;
  }

  get status(): number {
    return this.#status ?? this.#response.statusCode;
  }

  header(name: string): string | undefined {
    const value = headerIn(this.#given, name) ?? this.#response.getHeader(name);
    return value === undefined ? undefined : String(value);
  }

  keep(name: Gated, original: Call): void {
    this.#originals.set(name, original);
  }

  pass(name: Gated, original: Call, args: unknown[]): unknown {
    if (this.#isRefused) return this.#answerOf(name);
    if (this.#held !== undefined) return this.#hold(name, args);
    if (!this.#hasHead && !isInformation(name, args)) {
      this.#hasHead = true;
      if (name === 'writeHead') {
        this.#status = Number(args[0]);
        this.#given = args.at(-1);
      }
      const wait = this.#exchange.head(this);
      if (wait !== undefined) {
        this.#await(wait);
        return this.#hold(name, args);
      }
    }
    if (name === 'end') this.#exchange.end();
    return original(...args);
  }

  /** Whoever broke the answer off by an error is not the one who asked for it. */
  closed(): void {
    if (this.#isRefused) return;
    const { errored } = this.#response;
    if (errored && !this.#response.writableFinished) this.#exchange.fails(errored);
    this.#exchange.end('aborted');
  }

  #await(wait: Promise<void>): void {
    this.#held = [];
    this.#pretend('headersSent');
    this.#seem('headersSent');
    wait.then(
      () => this.#release(),
      () => this.#refuse(),
    );
  }

  #hold(name: Gated, args: unknown[]): unknown {
    this.#held?.push({ name, args });
    if (name === 'end') this.#seem('writableEnded');
    return this.#answerOf(name);
  }

  /** What a method answers that has not been called yet. */
  #answerOf(name: Gated): unknown {
    return name === 'write' ? false : this.#response;
  }

  /** To whoever looks, what is held has been sent: Fastify answers again when it has not. */
  #seem(state: 'headersSent' | 'writableEnded'): void {
    Object.defineProperty(this.#response, state, { configurable: true, value: true });
  }

  #letGo(): void {
    this.#held = undefined;
    Reflect.deleteProperty(this.#response, 'headersSent');
    Reflect.deleteProperty(this.#response, 'writableEnded');
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#letGo();
    for (const { name, args } of held) {
      if (name === 'end') this.#exchange.end();
      this.#originals.get(name)?.(...args);
    }
    if (held.some(({ name }) => name === 'write')) this.#response.emit('drain');
  }

  /** Nothing has left yet, so that the request can still be refused as if it had not been done. */
  #refuse(): void {
    const response = this.#response;
    this.#letGo();
    this.#isRefused = true;
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    const body = problemBody(UNRECORDED);
    const headers = { 'Content-Type': PROBLEM_TYPE, 'Content-Length': Buffer.byteLength(body) };
    this.#originals.get('writeHead')?.(UNRECORDED.status, headers);
    this.#originals.get('end')?.(body);
  }
}

/** A head of information, such as 103, is followed by another. */
function isInformation(name: Gated, args: readonly unknown[]): boolean {
  return name === 'writeHead' && Number(args[0]) < 200;
}

/** A header among those that `writeHead` was given, which may be an object, pairs, or names and values in turn. */
function headerIn(given: unknown, name: string): unknown {
  if (typeof given !== 'object' || given === null) return undefined;
  if (!Array.isArray(given)) return Object.entries(given).find(([own]) => own.toLowerCase() === name)?.[1];
  if (Array.isArray(given[0])) return headerIn(Object.fromEntries(given as [string, unknown][]), name);
  return given.find((_, n) => n % 2 === 1 && String(given[n - 1]).toLowerCase() === name);
}
