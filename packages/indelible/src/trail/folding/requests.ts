import type { Folds } from './folds.js';
import type { FoldKind, Trait, Unnumbered } from './fold.js';
import { MinuteCounts } from './minute.js';

/** So many callers are told apart in a minute; the requests of all others are counted together. */
const CALLERS = 10_000;

/** What is told of the requests beyond somebody's limit. */
const TRAITS: readonly Trait[] = [
  {
    list: 'routes',
    name: 'route',
    of: ({ request }) => request && `${request.method} ${request.route ?? request.path}`,
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
    this.#folds.add(key, 'API_REQUEST', event, 1);
  }
}
