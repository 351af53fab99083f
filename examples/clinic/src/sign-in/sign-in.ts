import { connectionOf } from '../database/clinic-database.js';
import type { ClinicParts } from '../parts.js';
import { Problem } from '../problem.js';
import type { Registration } from '../users/input.js';
import { aboutAccount, type User } from '../users/user.js';
import type { Users } from '../users/users.js';
import { verifyNothing, verifyPassword } from './password.js';
import type { Session, Sessions } from './sessions.js';

export interface SignInParts extends ClinicParts {
  readonly users: Users;
  readonly sessions: Sessions;
}

export interface SignedIn {
  readonly token: string;
  readonly user: User;
}

/** The door: in with a password, out again, and in for the first time. */
export class SignIn {
  readonly #parts: SignInParts;

  constructor(parts: SignInParts) {
    this.#parts = parts;
  }

  async logIn(username: string, password: string): Promise<SignedIn> {
    const { directory } = this.#parts;
    const named = await directory.byName(username);
    const isRight = await (named ? verifyPassword(password, named.password_hash) : verifyNothing(password));
    // Deriving a key takes a while, in which the account may have been closed or given another password.
    const user = named && (await directory.find(named.id));
    const isOpen = user?.is_active === 1 && user.password_hash === named?.password_hash;
    if (user && isRight && isOpen) return this.#enter(user);
    await this.#failed(username, named, isRight && !isOpen ? 'inactive' : 'wrong_password');
    throw new Problem(401, 'This name and password do not belong together.');
  }

  async logOut(user: User, session: Session): Promise<void> {
    const { audit, acts, sessions } = this.#parts;
    await acts.together(async (db) => {
      await sessions.close(session.id, db);
      await audit.auth.loggedOut(aboutAccount(user), connectionOf(db));
    });
  }

  /** A new token for the old one, and for as long as after a sign-in. */
  refresh(user: User, session: Session): Promise<SignedIn> {
    const { audit, acts, sessions } = this.#parts;
    return acts.together(async (db) => {
      const token = await sessions.renew(session, db);
      if (token === undefined) throw new Problem(401, 'This token has been refreshed already.');
      const refreshed = { ...aboutAccount(user), sessionId: String(session.id) };
      await audit.auth.tokenRefreshed(refreshed, connectionOf(db));
      return { token, user };
    });
  }

  /** A patient makes their own account, and is signed in. */
  async register(input: Registration): Promise<SignedIn> {
    return this.#enter(await this.#parts.users.admit(input));
  }

  /** The new session and its event commit together. */
  #enter(user: User): Promise<SignedIn> {
    const { audit, acts, sessions } = this.#parts;
    return acts.together(async (db) => {
      const { token, session } = await sessions.open(user.id, db);
      const entered = { ...aboutAccount(user), sessionId: String(session.id), method: 'password' };
      await audit.auth.loginSucceeded(entered, connectionOf(db));
      return { token, user };
    });
  }

  /** In the trail before the caller hears of it, so that nobody guesses unseen. */
  async #failed(username: string, user: User | undefined, why: string): Promise<void> {
    const { auth } = this.#parts.audit;
    await (user
      ? auth.loginFailed({ ...aboutAccount(user), why })
      : auth.loginFailed({ username, why: 'unknown_user' }));
  }
}
