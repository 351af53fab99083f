/** A handler for one method and pattern, with the parameters it is called with. */
export interface RoutedHandler<Rest extends readonly unknown[]> {
  readonly method: string;
  /** With parameters as `[id]`. */
  readonly path: string;
  readonly handler: (
    request: Request,
    params: Readonly<Record<string, string>>,
    ...rest: Rest
  ) => Promise<Response>;
}

const PARAMETER = /\[(\w+)\]/g;

/** A router of the smallest kind: the first handler whose pattern fits. */
export function router<Rest extends readonly unknown[]>(
  handlers: readonly RoutedHandler<Rest>[],
): (request: Request, ...rest: Rest) => Promise<Response> {
  const known = handlers.map((one) => ({ ...one, pattern: patternOf(one.path) }));
  return async (request, ...rest) => {
    const { pathname } = new URL(request.url);
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    for (const { pattern, handler, ...one } of known) {
      const found = one.method === method ? pattern.exec(pathname) : null;
      if (found !== null) return handler(request, decoded(found.groups ?? {}), ...rest);
    }
    return new Response('Not found', { status: 404 });
  };
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(PARAMETER, '(?<$1>[^/]+)')}$`);
}

function decoded(params: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, decodeURIComponent(value)]));
}
