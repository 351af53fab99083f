import { connectionOf } from '../database/clinic-database.js';
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

  changeRole(by: User, id: number, ask: () => { role: Role; reason?: string | undefined }): Promise<User> {
    const { audit, acts, directory, users } = this.#parts;
    return acts.together(async (db) => {
      const user = await directory.need(id, db);
      demand(by.user_type === 'owner', { attempted: 'ROLE_CHANGE', ...aboutUser(user) });
      const { role, reason } = ask();
      if (user.role === role) return user;
      return audit.run({ reason }, async () => {
        if (role !== 'owner') await users.keepAnOwner(user, db);
        const changed = await users.save(id, { role, user_type: userTypeOf(role) }, db);
        const change = { ...aboutAccount(changed), from: user.role, to: role };
        await audit.auth.roleChanged(change, connectionOf(db));
        return changed;
      });
    });
  }

  setActive(by: User, id: number, isActive: boolean): Promise<User> {
    const { audit, acts, sessions, users } = this.#parts;
    return acts.together(async (db) => {
      const attempted = isActive ? 'ACCOUNT_ACTIVATED' : 'ACCOUNT_DEACTIVATED';
      const user = await users.writable(by, id, attempted, db);
      if ((user.is_active === 1) === isActive) return user;
      if (!isActive) await users.keepAnOwner(user, db);
      const changed = await users.save(id, { is_active: isActive ? 1 : 0 }, db);
      if (!isActive) await sessions.closeAllOf(id, db);
      const told = isActive ? 'activated' : 'deactivated';
      await audit.auth[told](aboutAccount(changed), connectionOf(db));
      return changed;
    });
  }

  /** Somebody has shown that the address is theirs: the clinic takes note of it. */
  verifyEmail(by: User, id: number): Promise<User> {
    const { audit, acts, directory, users } = this.#parts;
    return acts.together(async (db) => {
      const user = await directory.need(id, db);
      demand(mayVerifyEmail(by), { attempted: 'EMAIL_VERIFIED', ...aboutUser(user) });
      if (user.email_verified === 1) return user;
      const changed = await users.save(id, { email_verified: 1 }, db);
      await audit.auth.emailVerified(aboutAccount(changed), connectionOf(db));
      return changed;
    });
  }

  /** One's own password by knowing it, anybody's as the owner. Every other session of that user ends. */
  async changePassword(by: User, session: Session, id: number, ask: () => PasswordChange): Promise<void> {
    const { audit, acts, directory, sessions, users } = this.#parts;
    const user = await directory.need(id);
    const about = aboutUser(user);
    const isOwn = by.id === id;
    demand(isOwn || by.user_type === 'owner', { attempted: 'PASSWORD_CHANGE', ...about });
    const { current_password = '', new_password } = ask();
    if (isOwn && !(await verifyPassword(current_password, user.password_hash))) {
      await audit.record({ action: 'PASSWORD_CHANGE', source: 'auth', outcome: 'failure', ...about });
      throw invalid('current_password', 'is not the password of this account');
    }
    const password_hash = await hashPassword(new_password);
    await acts.together(async (db) => {
      await users.save(id, { password_hash }, db);
      await sessions.closeAllOf(id, db, session.id);
      await audit.auth.passwordChanged(aboutAccount(user), connectionOf(db));
    });
  }
}
