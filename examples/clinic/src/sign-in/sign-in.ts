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
    const named = directory.byName(username);
    const isRight = await (named ? verifyPassword(password, named.password_hash) : verifyNothing(password));
    // Deriving a key takes a while, in which the account may have been closed or given another password.
    const user = named && directory.find(named.id);
    const isOpen = user?.is_active === true && user.password_hash === named?.password_hash;
    if (user && isRight && isOpen) return this.#enter(user);
    await this.#failed(username, named, isRight && !isOpen ? 'inactive' : 'wrong_password');
    throw new Problem(401, 'This name and password do not belong together.');
  }

  logOut(user: User, session: Session): void {
    const { acts, sessions } = this.#parts;
    acts.together(() => {
      sessions.close(session.id);
      acts.auth.loggedOut(aboutAccount(user));
    });
  }

  /** A new token for the old one, and for as long as after a sign-in. */
  refresh(user: User, session: Session): SignedIn {
    const { acts, sessions } = this.#parts;
    return acts.together(() => {
      const token = sessions.renew(session);
      if (token === undefined) throw new Problem(401, 'This token has been refreshed already.');
      acts.auth.tokenRefreshed({ ...aboutAccount(user), sessionId: String(session.id) });
      return { token, user };
    });
  }

  /** A patient makes their own account, and is signed in. */
  async register(input: Registration): Promise<SignedIn> {
    return this.#enter(await this.#parts.users.admit(input));
  }

  /** The new session and its event commit together. */
  #enter(user: User): SignedIn {
    const { acts, sessions } = this.#parts;
    return acts.together(() => {
      const { token, session } = sessions.open(user.id);
      const sessionId = String(session.id);
      acts.auth.loginSucceeded({ ...aboutAccount(user), sessionId, method: 'password' });
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
