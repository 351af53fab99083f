import type { Done, PassportRequest, SessionCall } from './inside.js';
import type { Telling, Told } from './telling.js';

/** What becomes of sessions: `request.logOut`, and `request.logIn` where no strategy has signed anybody in. */
export class Visits {
  readonly #telling: Telling;
  readonly #watched: WeakSet<PassportRequest> = new WeakSet();
  readonly #known: WeakSet<PassportRequest> = new WeakSet();

  constructor(telling: Telling) {
    this.#telling = telling;
  }

  /** A strategy has said who sends the request: what follows is no sign-in of its own. */
  isKnown(request: PassportRequest): void {
    this.#known.add(request);
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
      if (this.#known.has(request)) return call();
      this.isKnown(request);
      return onceTold(this.#telling.entered(request, user, undefined), given, call);
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
