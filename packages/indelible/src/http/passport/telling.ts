import type { Request } from 'express';

import type { Catalogue } from '../../event/actions.js';
import { AuditError } from '../../event/errors.js';
import type { Audit } from '../../trail/create-audit.js';
import { watchingOf } from '../../trail/door.js';
import type { AuthDetails, AuthUser } from '../../trail/sign-in/auth-details.js';
import { UNRECORDED } from '../problem.js';
import type { Watching } from '../watching.js';
import { accountOf, nameIn, whyIn } from './account.js';
import type { PassportRequest, StrategyLike } from './inside.js';
import { type AuditPassportOptions, PER_REQUEST } from './options.js';

const BAD_REQUEST = 400;

/** Resolves to the error to go on with, if any; undefined when there is nothing to wait for. */
export type Told = Promise<unknown> | undefined;

/** What a strategy says when it lets nobody in. */
export interface Failure {
  readonly challenge: unknown;
  readonly status: number | undefined;
}

/** Tells the trail what Passport has found. */
export class Telling {
  readonly #audit: Audit<Catalogue>;
  readonly #watching: Watching;
  readonly #options: AuditPassportOptions;
  readonly #perRequest: ReadonlySet<string>;

  constructor(audit: Audit<Catalogue>, options: AuditPassportOptions) {
    this.#audit = audit;
    this.#watching = watchingOf(audit);
    this.#options = options;
    this.#perRequest = new Set(options.perRequest ?? PER_REQUEST);
  }

  /** False for a strategy that proves who sends one request. */
  isSignIn({ name }: StrategyLike): boolean {
    return name === undefined || !this.#perRequest.has(name);
  }

  /** What a request sets off belongs to it, whatever a pool or a library does in between. */
  bind<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => R {
    return this.#audit.bind(fn);
  }

  /** Undefined for somebody without any name, and for one whose own fields cannot be read. */
  accountOf(user: unknown): AuthUser | undefined {
    return this.#safely(() => accountOf(user));
  }

  entered(request: PassportRequest, user: unknown, method: string | undefined): Told {
    const details = { ...this.#details(request, user), method };
    return this.#told('LOGIN_SUCCESS', this.#audit.auth.loginSucceeded(details));
  }

  left(request: PassportRequest, user: unknown): Told {
    return this.#told('LOGOUT', this.#audit.auth.loggedOut(this.#details(request, user)));
  }

  denied({ method }: PassportRequest, { challenge }: Failure): Told {
    const denial = { attempted: method, why: whyIn(challenge) ?? 'unauthorized' };
    return this.#told('ACCESS_DENIED', this.#audit.auth.denied(denial));
  }

  /** Whether a name exists is known only where the application says so. */
  async keptOut(request: PassportRequest, strategy: StrategyLike, failure: Failure): Promise<unknown> {
    const { attempted, findUser } = this.#options;
    const native = request as Request;
    const username = this.#safely(() => (attempted ? attempted(native) : nameIn(request, strategy)));
    const found = username === undefined ? undefined : await this.#find(username, native);
    const user = found === undefined ? undefined : accountOf(found);
    const why = whyIn(failure.challenge) ?? guessed(failure, username, findUser && user !== undefined);
    const method = methodOf(strategy);
    const told = this.#audit.auth.loginFailed({ user: user && named(user), username, why, method });
    return told.then(() => undefined, refusalOf);
  }

  async #find(name: string, request: Request): Promise<unknown> {
    try {
      return (await this.#options.findUser?.(name, request)) ?? undefined;
    } catch (error) {
      this.#report(error);
      return undefined;
    }
  }

  /** Somebody without any name is told without one. */
  #details(request: PassportRequest, user: unknown): AuthDetails {
    const sessionId = this.#safely(() => this.#options.session?.(request as Request));
    return { user: this.accountOf(user) ?? { id: 'unknown' }, sessionId };
  }

  #told(action: string, recorded: Promise<unknown>): Told {
    if (!this.#watching.waits(action, this.#audit.auth.userModel)) return undefined;
    return recorded.then(() => undefined, refusalOf);
  }

  #safely<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#report(error);
      return undefined;
    }
  }

  #report(error: unknown): void {
    const message =
      'A function given to auditPassport, or a field of a user, failed; the event stands without what it would have said';
    this.#watching.report(AuditError.from(error, 'INVALID_OPTIONS', message));
  }
}

/** The name that a strategy goes by in the trail. */
export function methodOf({ name }: StrategyLike): string | undefined {
  return name === 'local' ? 'password' : name;
}

/** Without an account's own user name, the one it signs in by. */
function named(user: AuthUser): AuthUser {
  return { ...user, username: user.username ?? user.email };
}

function guessed(
  { status }: Failure,
  username: string | undefined,
  isKnown: boolean | undefined,
): string | undefined {
  if (username === undefined) return status === BAD_REQUEST ? 'missing_credentials' : undefined;
  if (isKnown === undefined) return undefined;
  return isKnown ? 'wrong_password' : 'unknown_user';
}

/** An error that Express answers with 503. A trail that has been closed, which has told so itself, keeps nobody out. */
function refusalOf(cause: unknown): unknown {
  if (cause instanceof AuditError && cause.code === 'CLOSED') return undefined;
  const { status, detail } = UNRECORDED;
  return Object.assign(new Error(detail, { cause }), { status, statusCode: status });
}
