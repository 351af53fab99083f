import type { Actor } from '../event/event.js';

/** What an adapter is told of the application; `R` is the framework's own request. */
export interface RequestOptions<R> {
  /** Who sends a request. Called when an event is written, so that it may be found out by then. */
  readonly actor?: ((request: R) => Actor | undefined) | undefined;
  readonly tenant?: ((request: R) => string | undefined) | undefined;
  /** The id of the session a request belongs to; never its secret. */
  readonly session?: ((request: R) => string | undefined) | undefined;
  /** The application's own id of a request; by default that of a trusted proxy, or a new one. */
  readonly requestId?: ((request: R) => string | undefined) | undefined;
  /** False records no request by itself: no API_REQUEST, and no denial that nobody recorded. True by default. */
  readonly enabled?: boolean | undefined;
  /** Where requests are recorded by themselves; `/api/` by default. */
  readonly prefix?: string | readonly string[] | undefined;
  /** Further paths whose requests are not recorded by themselves. Changes, sign-ins and denials there are. */
  readonly skipPaths?: readonly string[] | undefined;
  /** Keeps the bodies of requests that are recorded by themselves, without their secrets. False by default. */
  readonly logBodies?: boolean | undefined;
  /** So many API_REQUEST of one user, or of one address that is nobody's, in a minute; the rest fold into one. 100 by default. */
  readonly maxEventsPerMinute?: number | undefined;
  /** Which model a resource of a path means, such as `{ people: 'Person' }`, or false for none; its singular in PascalCase by default. */
  readonly resources?: Readonly<Record<string, string | false>> | undefined;
}

/** Paths that say nothing of anybody's records, or record themselves. */
export const SKIPPED: readonly string[] = [
  '/api/login/',
  '/api/logout/',
  '/api/health/',
  '/api/audit/',
  '/audit/',
  '/admin/',
  '/static/',
  '/media/',
];

/** Paths that begin with one of these, by whole segments, however a router may let them be written. */
export class Paths {
  readonly #beginnings: readonly string[];

  constructor(paths: readonly string[]) {
    this.#beginnings = paths.map(plain);
  }

  has(path: string): boolean {
    const whole = plain(path);
    return this.#beginnings.some((beginning) => whole.startsWith(beginning));
  }
}

/** Routers match `/API/` and `/%61pi//` too: none of it may be a way past the trail. */
function plain(path: string): string {
  const decoded = path.includes('%') ? decodedPath(path) : path;
  return `${decoded.toLowerCase()}/`.replaceAll(/\/{2,}/g, '/');
}

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // Compared as it came: no router decodes it either.
    return path;
  }
}
