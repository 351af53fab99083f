import type { AuthUser } from '../../trail/sign-in/auth-details.js';
import { isSameAccount } from './account.js';
import type { Done, PassportRequest, SessionCall } from './inside.js';
import type { Telling, Told } from './telling.js';

/** How somebody was accepted, and whether that was told as a sign-in. */
interface Acceptance {
  readonly method: string | undefined;
  readonly isTold: boolean;
}

/** Whom a request was accepted for, as he was then: an object may be changed into somebody else. */
interface Accepted extends Acceptance {
  readonly user: unknown;
  readonly account: AuthUser | undefined;
}

/** What becomes of sessions: `request.logOut`, and `request.logIn` of anybody who has not been told as signed in. */
export class Visits {
  readonly #telling: Telling;
  readonly #watched: WeakSet<PassportRequest> = new WeakSet();
  readonly #accepted: WeakMap<PassportRequest, Accepted> = new WeakMap();

  constructor(telling: Telling) {
    this.#telling = telling;
  }

  /** His `logIn` is no sign-in of its own once he is told, and none without a session if he only proved himself. */
  accepted(request: PassportRequest, user: unknown, { method, isTold }: Acceptance): void {
    const before = this.#acceptedAs(request, user);
    if (before?.isTold !== true)
      this.#accepted.set(request, { user, account: this.#telling.accountOf(user), method, isTold });
  }

  #acceptedAs(request: PassportRequest, user: unknown): Accepted | undefined {
    const last = this.#accepted.get(request);
    if (last === undefined) return undefined;
    const account = this.#telling.accountOf(user);
    const isSame =
      account && last.account
        ? isSameAccount(account, last.account)
        : account === last.account && user === last.user;
    return isSame ? last : undefined;
  }

  watch(request: PassportRequest): void {
    const { logIn, logOut } = request;
    if (this.#watched.has(request) || logIn === undefined || logOut === undefined) return;
    this.#watched.add(request);
    request.login = request.logIn = this.#logIn(request, logIn);
    request.logout = request.logOut = this.#logOut(request, logOut);
  }

  #logIn(request: PassportRequest, logIn: SessionCall<[unknown]>): SessionCall<[unknown]> {
    return (user, ...given) => {
      const call = (): unknown => logIn.call(request, user, ...given);
      const before = this.#acceptedAs(request, user);
      if (before && (before.isTold || !beginsSession(request, given[0]))) return call();
      const method = before?.method;
      this.accepted(request, user, { method, isTold: true });
      return onceTold(this.#telling.entered(request, user, method), given, call);
    };
  }

  #logOut(request: PassportRequest, logOut: SessionCall<[]>): SessionCall<[]> {
    return (...given) => {
      const call = (): unknown => logOut.call(request, ...given);
      const user = Reflect.get(request, request._userProperty ?? 'user');
      if (user === undefined || user === null) return call();
      return onceTold(this.#telling.left(request, user), given, call);
    };
  }
}

/** As Passport itself finds it out: unless its options say otherwise, a session begins. */
function beginsSession({ _sessionManager }: PassportRequest, options: unknown): boolean {
  const session: unknown = Reflect.get(Object(options), 'session');
  return Boolean(_sessionManager) && (session === undefined || Boolean(session));
}

/** What must be recorded and cannot be is not done: whoever asked for it is called back with the refusal. */
function onceTold(told: Told, given: readonly unknown[], call: () => unknown): unknown {
  const done = given.findLast((one) => typeof one === 'function');
  if (told === undefined || done === undefined) return call();
  return void unlessRefused(told, call, done as Done);
}

async function unlessRefused(told: Promise<unknown>, call: () => unknown, done: Done): Promise<void> {
  const refusal = await told;
  if (refusal === undefined) call();
  else done(refusal);
}
