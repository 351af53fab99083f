import type { Call } from './call.js';
import type { Parameter } from './parameters.js';
import type { Schema } from './schema.js';

/**
 * Who may call: `anyone`, whoever is signed in (`own`), those who may see the trail (`all`), and of these only the ones
 * who see every tenant's (`operator`).
 */
type Who = 'anyone' | 'own' | 'all' | 'operator';

/** One call of the API, as data: what is routed, checked and documented. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Behind the path of the API, such as `logs/{id}/`. */
  readonly path: string;
  readonly summary: string;
  readonly who: Who;
  /** What somebody who is refused has tried. */
  readonly attempts: 'READ' | 'LIST' | 'EXPORT' | 'CREATE' | 'UPDATE' | 'DELETE';
  readonly parameters?: readonly Parameter[];
  readonly body?: Schema;
  /** What comes of it, by media type; nothing for 204. */
  readonly answer?: Readonly<Record<string, Schema>>;
  readonly status?: 200 | 201 | 202 | 204;
  /** True where it shows events, which is recorded. */
  readonly isViewing?: boolean;
  /** True where the same answer may come again and again, so that a client keeps it. */
  readonly isKept?: boolean;
  /** True where the answer is handed out piece by piece; it has no head alone. */
  readonly isStream?: boolean;
  /** True where a cookie alone is not enough, although it is a GET. */
  readonly isHandedOut?: boolean;
  /** What the `{id}` of the path names, where that is told with a viewing. */
  readonly idIs?: 'event' | 'subject';
  handle(call: Call): unknown;
}

/** What a path asks for. */
export interface Match {
  readonly route: Route;
  /** What stands in the places of a pattern's names. */
  readonly segments: Readonly<Record<string, string>>;
}

/** The routes of a path by what comes behind the path of the API; the first of several that fit is meant. */
export function routesAt(routes: readonly Route[], path: string): readonly Match[] {
  const parts = partsOf(path);
  if (parts === undefined) return [];
  const found = routes.flatMap((route): Match[] => {
    const segments = segmentsOf(route.path, parts);
    return segments === undefined ? [] : [{ route, segments }];
  });
  // `logs/stats/` fits `logs/{id}/` too: what was written out is meant before what stands for anything.
  const meant = found[0]?.route.path;
  return found.filter(({ route }) => route.path === meant);
}

/** Decoded, without the last slash; undefined for what cannot be decoded. */
function partsOf(path: string): readonly string[] | undefined {
  try {
    return path
      .replace(/^\//, '')
      .replace(/\/$/, '')
      .split('/')
      .map((part) => decodeURIComponent(part));
  } catch {
    // No route has such a path.
    return undefined;
  }
}

function segmentsOf(pattern: string, parts: readonly string[]): Record<string, string> | undefined {
  const wanted = pattern.replace(/\/$/, '').split('/');
  if (wanted.length !== parts.length) return undefined;
  const segments: [string, string][] = [];
  for (const [n, part] of parts.entries()) {
    const name = /^\{(\w+)\}$/.exec(wanted[n] ?? '')?.[1];
    if (name === undefined ? wanted[n] !== part : part === '') return undefined;
    if (name !== undefined) segments.push([name, part]);
  }
  return Object.fromEntries(segments);
}
