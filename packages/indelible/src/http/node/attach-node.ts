import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Exchange } from '../exchange.js';
import type { RequestFacts } from '../request-facts.js';
import type { SafetyNet } from '../safety-net.js';
import { WatchedRequests } from '../watched-requests.js';
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

interface Emitting {
  emit: Emit;
  [OWN]?: { readonly exchange: Exchange<unknown>; readonly emit: Emit };
}

/** Node emits from wherever its socket is read: without this, listeners would not know whose request it is. */
function emitWithin<R>(exchange: Exchange<R>, emitter: IncomingMessage | ServerResponse): void {
  const emitting = emitter as unknown as Emitting;
  const known = emitting[OWN];
  if (known === undefined) {
    emitting[OWN] = { exchange: exchange as Exchange<unknown>, emit: emitting.emit };
    emitting.emit = emit;
  } else {
    // A second trail's: its scope lies inside the one of the first.
    const inner = known.emit;
    const within: Emit = (...args) => exchange.within(() => inner.apply(emitter, args));
    emitting[OWN] = { exchange: known.exchange, emit: within };
  }
}

/** The same function for every request, since to make one for each costs more than to call it. */
function emit(this: Emitting, ...args: unknown[]): boolean {
  const own = this[OWN];
  return own === undefined ? false : own.exchange.within(() => own.emit.apply(this, args));
}
