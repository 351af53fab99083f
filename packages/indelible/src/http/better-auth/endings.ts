import { actorOf } from '../../trail/sign-in/auth-event.js';
import { accountOf, attemptedName, findByName, namedAccount } from './account.js';
import type { Call, SignedIn } from './call.js';
import { type Failure, failureOf } from './failure.js';
import { methodOf } from './method.js';
import type { Moments } from './moment.js';
import type { Telling } from './telling.js';

/** Endpoints that let somebody in, by the beginning of their path. */
const ENTRANCES = [
  '/sign-in/',
  '/sign-up/',
  '/callback/',
  '/oauth2/callback/',
  '/magic-link/verify',
  '/two-factor/verify-',
  '/passkey/verify-authentication',
  '/phone-number/verify',
  '/siwe/verify',
  '/one-tap/',
  '/one-time-token/verify',
] as const;

/** Two answers of better-auth that do not say, on purpose, which of the two was wrong. */
const WRONG = new Set([
  'invalid_email_or_password',
  'invalid_username_or_password',
  'invalid_phone_number_or_password',
]);

function isEntrance({ path }: Call): boolean {
  return ENTRANCES.some((entrance) => path?.startsWith(entrance));
}

/** How a call ended: with somebody signed in, with nobody, or with somebody kept away. */
export class Endings {
  readonly #telling: Telling;
  readonly #moments: Moments;

  constructor(telling: Telling, moments: Moments) {
    this.#telling = telling;
    this.#moments = moments;
  }

  /** Looked at for every call; most say nothing. */
  concerns({ context }: Call): boolean {
    return Boolean(context.newSession) || failureOf(context.returned) !== undefined;
  }

  async tell(call: Call): Promise<void> {
    const { newSession, returned } = call.context;
    const failure = failureOf(returned);
    const isNew = newSession && this.#moments.of(call).begun.has(newSession.session['id']);
    if (failure !== undefined) await this.#failed(call, failure);
    else if (isNew) await this.#entered(call, newSession);
  }

  /** A session that somebody begins in another's name is no sign-in of the other. */
  async #entered(call: Call, { session, user }: SignedIn): Promise<void> {
    const sessionId = String(session['id']);
    const account = accountOf(user);
    if (typeof session['impersonatedBy'] === 'string')
      return this.#impersonates(call, session['impersonatedBy'], user);
    const { audit } = this.#telling;
    const wasInside = !isEntrance(call) && call.context.session?.user['id'] === user['id'];
    const tell = this.#telling.tell(call, (around) =>
      wasInside
        ? audit.auth.tokenRefreshed({ user: account, sessionId, ...around })
        : audit.auth.loginSucceeded({ user: account, sessionId, method: methodOf(call), ...around }),
    );
    try {
      await tell;
      audit.setContext({ actor: actorOf(account), sessionId });
    } catch (error) {
      await this.#takeBack(call, session);
      throw error;
    }
  }

  async #impersonates(call: Call, by: string, person: SignedIn['user']): Promise<void> {
    const own = call.context.session?.user;
    const actor = actorOf(own?.['id'] === by ? accountOf(own) : { id: by });
    const { id, name, username } = accountOf(person);
    const target = { type: this.#telling.audit.auth.userModel, id, label: name ?? username };
    await this.#telling.tell(call, (around) =>
      this.#telling.audit.record({ action: 'IMPERSONATION_START', source: 'auth', actor, target, ...around }),
    );
  }

  /** Somebody whose sign-in could not be recorded is not signed in: no session, no cookie. */
  async #takeBack({ context }: Call, session: SignedIn['session']): Promise<void> {
    await this.#telling.ask(() => context.internalAdapter.deleteSession(String(session['token'])));
    context.setNewSession(null);
    context.responseHeaders?.delete('set-cookie');
  }

  async #failed(call: Call, failure: Failure): Promise<void> {
    if (failure.status >= 500) return;
    if (isEntrance(call)) await this.#keptOut(call, failure.why);
    else if (failure.status === 401 || failure.status === 403) await this.#denied(call, failure.why);
  }

  async #keptOut(call: Call, given: string): Promise<void> {
    const row = await this.#telling.ask(() => findByName(call));
    const user = row && namedAccount(row);
    const wrong = user ? 'wrong_password' : 'unknown_user';
    const why = WRONG.has(given) ? wrong : given === 'banned_user' ? 'inactive' : given;
    const username = attemptedName(call);
    await this.#telling.tell(call, (around) =>
      this.#telling.audit.auth.loginFailed({ user, username, why, method: methodOf(call), ...around }),
    );
  }

  async #denied(call: Call, why: string): Promise<void> {
    await this.#telling.tell(call, (around) =>
      this.#telling.audit.auth.denied({ attempted: call.path, why, ...around }),
    );
  }
}
