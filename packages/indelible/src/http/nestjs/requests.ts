import { attachNode, exchangeOf } from '../node/attach-node.js';
import type { SafetyNet } from '../safety-net.js';
import { messageOf, NestFacts, nodeResponseOf } from './nest-facts.js';

type Done = (error?: Error) => void;
type RequestHook<R> = (request: R, response: object, done: Done) => unknown;

/** What is used of Nest's HTTP adapter. */
export interface AdapterLike {
  getType(): string;
  use(...middleware: unknown[]): unknown;
  getInstance(): { addHook?: (name: string, hook: unknown) => unknown };
  setOnRequestHook(hook: unknown): void;
  readonly onRequestHook?: RequestHook<unknown> | undefined;
}

/** Opens the exchange of every request, before anything else sees it. */
export function watchRequests<R extends object>(net: SafetyNet<R>, adapter: AdapterLike): void {
  const before = adapter.onRequestHook as RequestHook<R> | undefined;
  const goOn: RequestHook<R> = (request, response, done) =>
    before === undefined ? done() : before.call(adapter, request, response, done);
  adapter.setOnRequestHook(hookOf(net, goOn));
  // There is one place for a hook: whoever takes it later leaves us this one, behind what was attached before.
  const later = hookOf(net, (_request, _response, done) => done());
  const instance = adapter.getInstance();
  if (adapter.getType() === 'fastify') instance.addHook?.('onRequest', later);
  else adapter.use(later);
}

function hookOf<R extends object>(net: SafetyNet<R>, goOn: RequestHook<R>): RequestHook<R> {
  return (request, response, done) => {
    if (exchangeOf(net.watching, messageOf(request)) !== undefined) return goOn(request, response, done);
    const exchange = attachNode(net, {
      facts: new NestFacts<R>(request),
      request: messageOf(request),
      response: nodeResponseOf(response),
    });
    if (exchange === undefined) return goOn(request, response, done);
    return exchange.within(() => goOn(request, response, done));
  };
}
