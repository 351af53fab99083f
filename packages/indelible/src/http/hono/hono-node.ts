import type { Context } from 'hono';

/** What `@hono/node-server` hands to an application as its environment. */
interface NodeBindings {
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string | undefined } };
  readonly outgoing?: { once?(event: 'finish' | 'close', listener: () => void): unknown };
}

/** Node's own request and answer, where an application is served by them. */
export function nodeOf({ env }: Context): NodeBindings {
  const bindings = (env ?? {}) as NodeBindings & { readonly server?: NodeBindings };
  return bindings.server ?? bindings;
}
