import type { Context } from 'hono';

type MatchedRoute = Pick<Context['req']['matchedRoutes'][number], 'method' | 'path' | 'handler'>;

/** Where Hono keeps the handler of an application that handles its errors itself. */
const COMPOSED = '__COMPOSED_HANDLER';

/**
 * The pattern of the handler that answers, or would have answered if nobody had refused before it. Hono keeps
 * middleware and handlers in one list, in their order, and the place of the one that was called last.
 */
export function routeOf({ req }: Context): string | undefined {
  return req.matchedRoutes.slice(req.routeIndex).find(isHandler)?.path;
}

/** Middleware is told from a handler by taking a `next`, as Hono's own list of routes does it. */
function isHandler({ method, path, handler }: MatchedRoute): boolean {
  const takesNext = innermost(handler).length > 1;
  return method === 'ALL' ? !takesNext && path !== '/*' : !takesNext || !path.endsWith('*');
}

function innermost(handler: MatchedRoute['handler']): MatchedRoute['handler'] {
  const inner = (handler as { readonly [COMPOSED]?: MatchedRoute['handler'] })[COMPOSED];
  return inner === undefined ? handler : innermost(inner);
}
