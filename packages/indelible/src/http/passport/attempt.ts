import type { Actions, PassportRequest, StrategyLike } from './inside.js';
import { type Failure, methodOf, type Telling, type Told } from './telling.js';
import type { Visits } from './visits.js';

/** One request that Passport tries one strategy after the other on. */
export class Attempt {
  readonly #telling: Telling;
  readonly #visits: Visits;
  readonly #failures: Map<StrategyLike, Failure> = new Map();
  #untried: number;

  /** Passport asks so many strategies, unless one of them lets somebody in. */
  constructor(telling: Telling, visits: Visits, strategies: number) {
    this.#telling = telling;
    this.#visits = visits;
    this.#untried = strategies;
  }

  /**
   * What is handed to Passport in place of a strategy. Passport gives it its actions and asks it to authenticate;
   * it asks the strategy, with actions that tell the trail first.
   */
  layerFor(strategy: StrategyLike): Pick<StrategyLike, 'name' | 'authenticate'> {
    const watched = (actions: Actions, request: PassportRequest): Actions =>
      this.#watched(strategy, actions, request);
    return {
      name: strategy.name,
      authenticate(this: StrategyLike, request, options) {
        Object.assign(strategy, watched(this, request));
        return strategy.authenticate(request, options);
      },
    };
  }

  #watched(strategy: StrategyLike, actions: Actions, request: PassportRequest): Actions {
    const telling = this.#telling;
    this.#visits.watch(request);
    return {
      success: telling.bind((user, info) => {
        const told = this.#succeeded(strategy, request, user);
        goOn(told, actions, () => actions.success(user, info));
      }),
      fail: telling.bind((challenge, status) => {
        const told = this.#failed(strategy, request, failureOf(challenge, status));
        goOn(told, actions, () => actions.fail(challenge, status));
      }),
      redirect: (url, status) => actions.redirect(url, status),
      pass: () => actions.pass(),
      error: (error) => actions.error(error),
    };
  }

  #succeeded(strategy: StrategyLike, request: PassportRequest, user: unknown): Told {
    const isTold = this.#telling.isSignIn(strategy);
    const method = methodOf(strategy);
    this.#visits.accepted(request, user, { method, isTold });
    return isTold ? this.#telling.entered(request, user, method) : undefined;
  }

  /** It has failed when the last one has; one that lets people in says more than one that asks every request. */
  #failed(strategy: StrategyLike, request: PassportRequest, failure: Failure): Told {
    this.#failures.set(strategy, failure);
    this.#untried -= 1;
    if (this.#untried > 0) return undefined;
    for (const [tried, its] of this.#failures)
      if (this.#telling.isSignIn(tried)) return this.#telling.keptOut(request, tried, its);
    return this.#telling.denied(request, failure);
  }
}

/** Passport takes a number in the first place for the status. */
function failureOf(challenge: unknown, status: unknown): Failure {
  const given = typeof challenge === 'number' ? challenge : status;
  return { challenge, status: typeof given === 'number' ? given : undefined };
}

/** What the application throws into an answer that had to wait is its error, and no one's that nobody handles. */
function goOn(told: Told, actions: Actions, answer: () => void): void {
  if (told === undefined) answer();
  else
    told
      .then((refusal) => (refusal === undefined ? answer() : actions.error(refusal)))
      .catch((error: unknown) => actions.error(error));
}
