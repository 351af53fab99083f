import type { Express, IRoute, Router } from 'express';

export interface AppRoute {
  readonly method: string;
  readonly path: string;
}

type Layer = Router['stack'][number];

/** Every route of an application, as Express itself holds them. */
export function routesOf(app: Express): AppRoute[] {
  return app.router.stack.flatMap(routesIn);
}

function routesIn({ route, handle }: Layer): AppRoute[] {
  if (route !== undefined) return methodsOf(route).map((method) => ({ method, path: route.path }));
  return 'stack' in handle ? (handle as Router).stack.flatMap(routesIn) : [];
}

/** Without `all`, which is no method. */
function methodsOf({ stack }: IRoute): string[] {
  const methods = stack.map(({ method }: { method?: string }) => method?.toUpperCase());
  return [...new Set(methods.filter((method) => method !== undefined))];
}
