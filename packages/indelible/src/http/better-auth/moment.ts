import type { Call, Row } from './call.js';

/** What is learnt in the course of one call, before it can be told. */
export interface Moment {
  /** The sessions that began in it. */
  readonly begun: Set<unknown>;
  /** What is about to be written, by the model. */
  readonly writing: Map<string, Row>;
  /** True when it made a new account. */
  hasSignedUp: boolean;
  /** Whose password is being reset. */
  resetFor?: string | undefined;
  /** The role somebody has who is being given another. */
  roleBefore?: string | undefined;
}

/** The moment of each call that is going on. better-auth keeps one context for each, in all of its hooks. */
export class Moments {
  readonly #moments: WeakMap<object, Moment> = new WeakMap();

  of({ context }: Pick<Call, 'context'>): Moment {
    let moment = this.#moments.get(context);
    if (moment === undefined) {
      moment = { begun: new Set(), writing: new Map(), hasSignedUp: false };
      this.#moments.set(context, moment);
    }
    return moment;
  }
}
