import type { ClinicParts } from '../parts.js';
import { demand, invalid } from '../problem.js';
import { hashPassword, verifyPassword } from '../sign-in/password.js';
import type { Session, Sessions } from '../sign-in/sessions.js';
import type { PasswordChange } from './input.js';
import { mayVerifyEmail } from './rights.js';
import { aboutAccount, aboutUser, type Role, type User, userTypeOf } from './user.js';
import type { Users } from './users.js';

export interface AccountParts extends ClinicParts {
  readonly sessions: Sessions;
  readonly users: Users;
}

/** What is done to an account by name: each leaves the change of the row, and the act that caused it. */
export class Accounts {
  readonly #parts: AccountParts;

  constructor(parts: AccountParts) {
    this.#parts = parts;
  }

  changeRole(by: User, id: number, role: Role, reason: string | undefined): User {
    const { audit, acts, directory, users } = this.#parts;
    const user = directory.need(id);
    demand(by.user_type === 'owner', { attempted: 'ROLE_CHANGE', ...aboutUser(user) });
    if (user.role === role) return user;
    return audit.run({ reason }, () =>
      acts.together(() => {
        if (role !== 'owner') users.keepAnOwner(user);
        const changed = users.save(id, { role, user_type: userTypeOf(role) });
        acts.auth.roleChanged({ ...aboutAccount(changed), from: user.role, to: role });
        return changed;
      }),
    );
  }

  setActive(by: User, id: number, isActive: boolean): User {
    const { acts, sessions, users } = this.#parts;
    const user = users.writable(by, id, isActive ? 'ACCOUNT_ACTIVATED' : 'ACCOUNT_DEACTIVATED');
    if (user.is_active === isActive) return user;
    return acts.together(() => {
      if (!isActive) users.keepAnOwner(user);
      const changed = users.save(id, { is_active: isActive });
      if (!isActive) sessions.closeAllOf(id);
      if (isActive) acts.auth.activated(aboutAccount(changed));
      else acts.auth.deactivated(aboutAccount(changed));
      return changed;
    });
  }

  /** Somebody has shown that the address is theirs: the clinic takes note of it. */
  verifyEmail(by: User, id: number): User {
    const { acts, directory, users } = this.#parts;
    const user = directory.need(id);
    demand(mayVerifyEmail(by), { attempted: 'EMAIL_VERIFIED', ...aboutUser(user) });
    if (user.email_verified) return user;
    return acts.together(() => {
      const changed = users.save(id, { email_verified: true });
      acts.auth.emailVerified(aboutAccount(changed));
      return changed;
    });
  }

  /** One's own password by knowing it, anybody's as the owner. Every other session of that user ends. */
  async changePassword(by: User, session: Session, id: number, input: PasswordChange): Promise<void> {
    const { audit, acts, directory, sessions, users } = this.#parts;
    const user = directory.need(id);
    const about = aboutUser(user);
    const isOwn = by.id === id;
    demand(isOwn || by.user_type === 'owner', { attempted: 'PASSWORD_CHANGE', ...about });
    if (isOwn && !(await verifyPassword(input.current_password ?? '', user.password_hash))) {
      await audit.record({ action: 'PASSWORD_CHANGE', source: 'auth', outcome: 'failure', ...about });
      throw invalid('current_password', 'is not the password of this account');
    }
    const password_hash = await hashPassword(input.new_password);
    acts.together(() => {
      users.save(id, { password_hash });
      sessions.closeAllOf(id, session.id);
      acts.auth.passwordChanged(aboutAccount(user));
    });
  }
}
