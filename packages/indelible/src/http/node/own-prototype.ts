import { IncomingMessage, ServerResponse } from 'node:http';

const OF_NODE = new Set<unknown>([IncomingMessage.prototype, ServerResponse.prototype]);

/**
 * The prototype that an application of Express gives to its requests, or to its answers: of applications within each
 * other the outermost one's. By it each of them comes to have a shape of its own in the engine, and every property that
 * is added to it costs microseconds; what is the same for all is put here. Undefined with any other framework.
 */
export function applicationsOwn(target: object): object | undefined {
  let at = prototypeOf(target);
  for (let above = prototypeOf(at); above !== null; [at, above] = [above, prototypeOf(above)])
    if (OF_NODE.has(prototypeOf(above))) return at ?? undefined;
  return undefined;
}

function prototypeOf(target: object | null): object | null {
  return target === null ? null : (Object.getPrototypeOf(target) as object | null);
}
