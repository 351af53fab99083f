import { mountOf } from './route/mount-of.js';

/** What the routers for Koa leave behind in the context of a request. */
export interface RoutedLike {
  readonly method: string;
  /** The layers whose path matched, middleware among them, in the order in which they would be called. */
  readonly matched?: unknown;
  /** The path of the layer that was called last. */
  readonly routerPath?: unknown;
  readonly _matchedRoute?: unknown;
}

interface LayerLike {
  readonly path: string;
  readonly methods: readonly string[];
}

/**
 * The pattern of the route that matched. While only middleware of a router has been called, such as a guard that
 * refuses, it is the route that would have come first.
 */
export function koaRoute(routed: RoutedLike, path: string): string | undefined {
  const pattern = patternIn(routed);
  return pattern === undefined ? undefined : `${mountOf(pattern, path)}${pattern}`;
}

function patternIn({ method, matched, routerPath, _matchedRoute }: RoutedLike): string | undefined {
  if (!Array.isArray(matched)) return typeof _matchedRoute === 'string' ? _matchedRoute : undefined;
  const routes = matched.filter((layer) => isLayer(layer) && layer.methods.includes(method)) as LayerLike[];
  return (routes.find((layer) => layer.path === routerPath) ?? routes[0])?.path;
}

function isLayer(layer: unknown): layer is LayerLike {
  const { path, methods } = (layer ?? {}) as Partial<LayerLike>;
  return typeof path === 'string' && Array.isArray(methods);
}
