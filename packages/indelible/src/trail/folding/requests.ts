import type { RequestInfo } from '../../event/event.js';
import type { Folds } from './folds.js';
import type { FoldKind, Trait, Unnumbered } from './fold.js';
import { MinuteCounts } from './minute.js';

/** So many callers are told apart in a minute; the requests of all others are counted together. */
const CALLERS = 10_000;

/** So many routes are told apart that did more than read. */
const CHANGING = 100;
const READING: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Of what matched no route, other methods are one: there are more of them than there is room. */
const USUAL: ReadonlySet<string | undefined> = new Set([...READING, 'POST', 'PUT', 'PATCH', 'DELETE']);

/** What is told of the requests beyond somebody's limit. Reads cannot crowd out what did more. */
const TRAITS: readonly Trait[] = [
  { list: 'routes', name: 'route', of: ({ request }) => (reads(request) ? routeOf(request) : undefined) },
  {
    list: 'changing_routes',
    name: 'route',
    of: ({ request }) => (reads(request) ? undefined : routeOf(request)),
    room: CHANGING,
  },
  { list: 'statuses', name: 'status', of: ({ request }) => request?.statusCode },
  { list: 'addresses', name: 'ip', of: ({ request }) => request?.ip, isPersonal: true, isForMany: true },
  { list: 'callers', name: 'id', of: ({ actor }) => actor.id, isPersonal: true, isForMany: true },
];
export const EXCESS: FoldKind = { traits: TRAITS, isAnonymous: false };

/** Counts the requests of whoever sends more of them in a minute than are told one by one. */
export class Requests {
  readonly #counts: MinuteCounts = new MinuteCounts(CALLERS);
  readonly #folds: Folds;

  constructor(folds: Folds) {
    this.#folds = folds;
  }

  /** How long the minute goes on in which something was counted. */
  get remainingMs(): number {
    return this.#counts.remainingMs;
  }

  /** The key beyond whose limit a request is; undefined for one that is told by itself. */
  beyond(limit: number, caller: string): string | undefined {
    const { key, nth } = this.#counts.add([`by ${caller}`, 'by others'], 1);
    return nth > limit ? key : undefined;
  }

  add(key: string, event: Unnumbered): void {
    this.#folds.add({ key }, 'API_REQUEST', event, 1);
  }
}

function reads(request: RequestInfo | undefined): boolean {
  return READING.has(request?.method);
}

/** Never the path: whoever sends requests chooses it, and could crowd out with it what else he did. */
function routeOf(request: RequestInfo | undefined): string | undefined {
  if (request === undefined) return undefined;
  const { method, route } = request;
  if (route !== undefined) return `${method} ${route}`;
  return `${USUAL.has(method) ? method : 'OTHER'} (no route)`;
}
