import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Exchange } from '../exchange.js';
import type { RequestFacts } from '../request-facts.js';
import type { SafetyNet } from '../safety-net.js';
import { WatchedRequests } from '../watched-requests.js';
import { applicationsOwn } from './own-prototype.js';
import { gate } from './response-gate.js';

const watched = new WatchedRequests<IncomingMessage, Exchange<unknown>>();

export interface NodeExchange<R> {
  readonly facts: RequestFacts<R>;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Watches one request of Node's server; undefined when it is watched already for this trail. */
export function attachNode<R>(
  net: SafetyNet<R>,
  { facts, request, response }: NodeExchange<R>,
): Exchange<R> | undefined {
  if (exchangeOf(net.watching, request) !== undefined) return undefined;
  const exchange = net.open(facts);
  watched.keep(net.watching, request, exchange as Exchange<unknown>);
  emitWithin(exchange, request);
  emitWithin(exchange, response);
  gate(exchange, response);
  return exchange;
}

/** The exchange of a request with a trail, where its adapter is attached. */
export function exchangeOf<R>(watching: object, request: IncomingMessage): Exchange<R> | undefined {
  return watched.of(watching, request) as Exchange<R> | undefined;
}

const OWN: unique symbol = Symbol('indelible.emit');
type Emit = (...args: unknown[]) => boolean;

interface Emitting extends Pick<EventEmitter, 'listenerCount'> {
  emit: Emit;
  [OWN]?: { readonly exchange: Exchange<unknown>; readonly emit: Emit };
}

/** Node emits from wherever its socket is read: without this, listeners would not know whose request it is. */
function emitWithin<R>(exchange: Exchange<R>, emitter: IncomingMessage | ServerResponse): void {
  const emitting = emitter as unknown as Emitting;
  const known = emitting[OWN];
  if (known === undefined) {
    const prototype = Object.hasOwn(emitter, 'emit') ? undefined : applicationsOwn(emitter);
    const original = prototype === undefined ? emitting.emit : teach(prototype as Emitting);
    emitting[OWN] = { exchange: exchange as Exchange<unknown>, emit: original };
    if (prototype === undefined) emitting.emit = emit;
  } else {
    // A second trail's: its scope lies inside the one of the first.
    const inner = known.emit;
    const within: Emit = (...args) => exchange.within(() => inner.apply(emitter, args));
    emitting[OWN] = { exchange: known.exchange, emit: within };
  }
}

const taught = new WeakMap<object, Emit>();

/** How the requests, or the answers, of an application emitted by themselves; from here on they do so within theirs. */
function teach(prototype: Emitting): Emit {
  const known = taught.get(prototype);
  if (known !== undefined) return known;
  const original = prototype.emit;
  taught.set(prototype, original);
  prototype.emit = function emitting(this: Emitting, ...args) {
    return this[OWN] === undefined ? original.apply(this, args) : emit.apply(this, args);
  };
  return original;
}

/** The same function for every request, since to make one for each costs more than to call it. */
function emit(this: Emitting, ...args: unknown[]): boolean {
  const own = this[OWN];
  if (own === undefined) return false;
  // Most of what Node emits of a request nobody listens to; an error without a listener is thrown all the same.
  const isHeard = this.listenerCount(args[0] as string) > 0 || args[0] === 'error';
  return isHeard ? own.exchange.within(() => own.emit.apply(this, args)) : own.emit.apply(this, args);
}
