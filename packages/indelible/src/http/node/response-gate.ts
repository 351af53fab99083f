import type { ServerResponse } from 'node:http';

import { PROBLEM_TYPE, problemBody, UNRECORDED } from '../problem.js';
import type { Exchange } from '../exchange.js';
import type { AnswerHead } from '../request-facts.js';
import { headersSent, Pretence } from './pretence.js';

const GATED = ['writeHead', 'write', 'end', 'flushHeaders'] as const;
type Gated = (typeof GATED)[number];
type Call = (this: ServerResponse, ...args: unknown[]) => unknown;

interface Held {
  readonly name: Gated;
  readonly original: Call;
  readonly args: unknown[];
}

/** Lets the exchange know of its answer, whichever framework makes it: everything goes through these methods. */
export function gate<R>(exchange: Exchange<R>, response: ServerResponse): void {
  const own = new ResponseGate(exchange, response);
  const methods = response as unknown as Record<Gated, Call | undefined>;
  for (const name of GATED) {
    const original = methods[name];
    if (original !== undefined) methods[name] = (...args) => own.pass(name, original, args);
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
  #status: number | undefined;
  /** The headers that `writeHead` was given. */
  #given: unknown;
  #hasHead = false;
  #held: Held[] | undefined;
  #pretence: Pretence | undefined;
  #refusal: 'none' | 'begun' | 'told' = 'none';

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

  pass(name: Gated, original: Call, args: unknown[]): unknown {
    if (this.#refusal === 'told') return this.#answerOf(name);
    if (this.#refusal === 'begun') return original.apply(this.#response, args);
    if (this.#held !== undefined) return this.#hold({ name, original, args });
    if (!this.#hasHead && !isInformation(name, args)) {
      const wait = this.#head(name, args);
      if (wait !== undefined) {
        this.#await(wait);
        return this.#hold({ name, original, args });
      }
    }
    if (name === 'end') this.#exchange.end();
    return original.apply(this.#response, args);
  }

  /** Whoever broke the answer off by an error is not the one who asked for it. */
  closed(): void {
    if (this.#refusal !== 'none') return;
    const { errored } = this.#response;
    if (errored && !this.#response.writableFinished) this.#exchange.fails(errored);
    this.#exchange.end('aborted');
  }

  #head(name: Gated, args: readonly unknown[]): Promise<void> | undefined {
    this.#hasHead = true;
    if (name === 'writeHead') {
      this.#status = Number(args[0]);
      this.#given = args.findLast((arg) => typeof arg === 'object');
    }
    return this.#exchange.head(this);
  }

  #await(wait: Promise<void>): void {
    this.#held = [];
    this.#pretence = new Pretence(this.#response);
    wait.then(
      () => this.#release(),
      () => this.#refuse(),
    );
  }

  /** Whatever comes after its end would be written after it. */
  #hold(held: Held): unknown {
    const last = this.#held?.at(-1)?.name;
    if (held.name === 'writeHead' && last !== undefined) throw headersSent('write');
    if (last !== 'end') this.#held?.push(held);
    if (held.name === 'end') this.#pretence?.end();
    return this.#answerOf(held.name);
  }

  /** What a method answers that has not been called yet. */
  #answerOf(name: Gated): unknown {
    return name === 'write' ? false : this.#response;
  }

  #letGo(): readonly Held[] {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#pretence?.stop();
    return held;
  }

  /** What Node would have thrown to whoever called, such as for a header it does not take, has nobody to go to now. */
  #release(): void {
    const response = this.#response;
    try {
      const held = this.#letGo();
      for (const { name, original, args } of held) {
        if (name === 'end') this.#exchange.end();
        original.apply(response, args);
      }
      if (held.some(({ name }) => name === 'write')) response.emit('drain');
    } catch (error) {
      this.#exchange.fails(error);
      response.destroy(error instanceof Error ? error : undefined);
    }
  }

  /** Nothing has left yet, so that the request can still be refused as if it had not been done. */
  #refuse(): void {
    const response = this.#response;
    this.#letGo();
    this.#refusal = 'begun';
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    const body = problemBody(UNRECORDED);
    response.writeHead(UNRECORDED.status, {
      'Content-Type': PROBLEM_TYPE,
      'Content-Length': Buffer.byteLength(body),
    });
    response.end(body);
    this.#refusal = 'told';
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
