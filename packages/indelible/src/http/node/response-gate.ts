import type { ServerResponse } from 'node:http';

import { isKept, PROBLEM_TYPE, problemBody, UNRECORDED } from '../problem.js';
import type { Exchange } from '../exchange.js';
import type { AnswerHead } from '../request-facts.js';
import { applicationsOwn } from './own-prototype.js';
import { headersSent, Pretence } from './pretence.js';

type Gated = 'writeHead' | 'write' | 'end' | 'flushHeaders';
type Call = (this: GatedResponse, ...args: unknown[]) => unknown;
type Methods = Record<Gated, Call>;

/** Where a response keeps its gate; of several trails' the last one attached, which passes on to the one before. */
const GATE: unique symbol = Symbol('indelible.gate');

interface GatedResponse extends ServerResponse {
  [GATE]: ResponseGate;
}

/** Prototypes of applications whose methods pass through gates, and those methods as they were. */
const taught = new WeakMap<object, Methods>();

interface Held {
  readonly name: Gated;
  readonly args: unknown[];
}

/** The same functions for every response, since to make some for each costs more than to call them. */
const METHODS: Methods = {
  writeHead(...args) {
    return this[GATE].pass('writeHead', args);
  },
  write(...args) {
    return this[GATE].pass('write', args);
  },
  end(...args) {
    return this[GATE].pass('end', args);
  },
  flushHeaders(...args) {
    return this[GATE].pass('flushHeaders', args);
  },
};

/** Lets the exchange know of its answer, whichever framework makes it: everything goes through these methods. */
export function gate<R>(exchange: Exchange<R>, response: ServerResponse): void {
  const gated = response as GatedResponse;
  const methods = response as unknown as Methods;
  const before = (response as Partial<GatedResponse>)[GATE];
  const prototype = hasOwnMethods(response) ? undefined : applicationsOwn(response);
  const originals = prototype === undefined ? methods : teach(prototype as Methods);
  gated[GATE] = new ResponseGate({
    exchange: exchange as Exchange<unknown>,
    response: gated,
    before,
    originals,
  });
  if (before !== undefined) return;
  if (prototype === undefined) Object.assign(methods, METHODS);
  response.on('close', closed);
}

/** What stands in front of the prototype's methods would not be passed through from there. */
function hasOwnMethods(response: object): boolean {
  return NAMES.some((name) => Object.hasOwn(response, name));
}

function teach(prototype: Methods): Methods {
  const known = taught.get(prototype);
  if (known !== undefined) return known;
  const { writeHead, write, end, flushHeaders } = prototype;
  const originals = { writeHead, write, end, flushHeaders };
  taught.set(prototype, originals);
  for (const name of NAMES) {
    const original = originals[name];
    prototype[name] = function gated(...args) {
      return (this as Partial<GatedResponse>)[GATE] === undefined
        ? original.apply(this, args)
        : METHODS[name].apply(this, args);
    };
  }
  return originals;
}

const NAMES = ['writeHead', 'write', 'end', 'flushHeaders'] as const;

function closed(this: GatedResponse): void {
  this[GATE].closed();
}

interface GateParts {
  readonly exchange: Exchange<unknown>;
  readonly response: GatedResponse;
  readonly before: ResponseGate | undefined;
  readonly originals: Methods;
}

/**
 * Holds an answer back for as long as what it shows must become durable first; most pass without waiting.
 * What is held is played in its order afterwards, so that the framework above notices nothing but the time.
 */
class ResponseGate implements AnswerHead {
  readonly #exchange: Exchange<unknown>;
  readonly #response: GatedResponse;
  readonly #before: ResponseGate | undefined;
  /** The methods as they were; unbound, since most responses call two of them. */
  readonly #writeHead: Call;
  readonly #write: Call;
  readonly #end: Call;
  readonly #flushHeaders: Call;
  #status: number | undefined;
  /** The headers that `writeHead` was given. */
  #given: unknown;
  #hasHead = false;
  #held: Held[] | undefined;
  #pretence: Pretence | undefined;
  #refusal: 'none' | 'begun' | 'told' = 'none';

  constructor({ exchange, response, before, originals }: GateParts) {
    const { writeHead, write, end, flushHeaders } = originals;
    this.#exchange = exchange;
    this.#response = response;
    this.#before = before;
    this.#writeHead = writeHead;
    this.#write = write;
    this.#end = end;
    this.#flushHeaders = flushHeaders;
  }

  get status(): number {
    return this.#status ?? this.#response.statusCode;
  }

  header(name: string): string | undefined {
    const value = headerIn(this.#given, name) ?? this.#response.getHeader(name);
    return value === undefined ? undefined : String(value);
  }

  pass(name: Gated, args: unknown[]): unknown {
    if (this.#refusal === 'told') return this.#answerOf(name);
    if (this.#refusal === 'begun') return this.#call(name, args);
    if (this.#held !== undefined) return this.#hold({ name, args });
    if (!this.#hasHead && !isInformation(name, args)) {
      const wait = this.#head(name, args);
      if (wait !== undefined) {
        this.#await(wait);
        return this.#hold({ name, args });
      }
    }
    if (name === 'end') this.#exchange.end();
    return this.#call(name, args);
  }

  /** Whoever broke the answer off by an error is not the one who asked for it. */
  closed(): void {
    this.#before?.closed();
    if (this.#refusal !== 'none') return;
    const { errored } = this.#response;
    if (errored && !this.#response.writableFinished) this.#exchange.fails(errored);
    this.#exchange.end('aborted');
  }

  #call(name: Gated, args: unknown[]): unknown {
    if (this.#before !== undefined) return this.#before.pass(name, args);
    const response = this.#response;
    if (name === 'end') return this.#end.apply(response, args);
    if (name === 'write') return this.#write.apply(response, args);
    return (name === 'writeHead' ? this.#writeHead : this.#flushHeaders).apply(response, args);
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
      for (const { name, args } of held) {
        if (name === 'end') this.#exchange.end();
        this.#call(name, args);
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
    const held = this.#letGo();
    this.#refusal = 'begun';
    for (const name of response.getHeaderNames()) if (!isKept(name)) response.removeHeader(name);
    const body = problemBody(UNRECORDED);
    const headers = { 'Content-Type': PROBLEM_TYPE, 'Content-Length': Buffer.byteLength(body) };
    // Not the response's own methods: a middleware in front of them may let them run but once.
    this.#call('writeHead', [UNRECORDED.status, headers]);
    this.#call('end', [body]);
    this.#refusal = 'told';
    for (const { args } of held) tellCaller(args);
  }
}

/** Whoever waits for what was held to be written must not wait for ever. */
function tellCaller(args: readonly unknown[]): void {
  const callback = args.at(-1);
  if (typeof callback === 'function') callback(new Error(UNRECORDED.detail));
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
