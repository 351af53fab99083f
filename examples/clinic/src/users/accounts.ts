import type { ClinicAudit } from '../audit.js';
import type { RecordedDatabase } from '../database/recorded-database.js';
import { demand, invalid } from '../problem.js';
import { hashPassword, verifyPassword } from '../sign-in/password.js';
import type { Session, Sessions } from '../sign-in/sessions.js';
import type { PasswordChange } from './input.js';
import { type Role, type User, type UserTable, userTypeOf } from './user.js';
import type { Users } from './users.js';

export interface AccountParts {
  readonly audit: ClinicAudit;
  readonly database: RecordedDatabase;
  readonly userTable: UserTable;
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
    const { audit, database, userTable, users } = this.#parts;
    const user = userTable.need(id);
    demand(by.user_type === 'owner', { attempted: 'ROLE_CHANGE', ...userTable.about(user) });
    if (user.role === role) return user;
    return audit.run({ reason }, () =>
      database.transaction(() => {
        if (role !== 'owner') users.keepAnOwner(user);
        const changed = userTable.update(id, { role, user_type: userTypeOf(role) });
        const metadata = { from: user.role, to: role };
        database.record({ action: 'ROLE_CHANGE', source: 'auth', ...userTable.about(changed), metadata });
        return changed;
      }),
    );
  }

  setActive(by: User, id: number, isActive: boolean): User {
    const { database, userTable, sessions, users } = this.#parts;
    const action = isActive ? 'ACCOUNT_ACTIVATED' : 'ACCOUNT_DEACTIVATED';
    const user = users.writable(by, id, action);
    if (user.is_active === Number(isActive)) return user;
    return database.transaction(() => {
      if (!isActive) users.keepAnOwner(user);
      const changed = userTable.update(id, { is_active: isActive ? 1 : 0 });
      if (!isActive) sessions.closeAllOf(id);
      database.record({ action, source: 'auth', ...userTable.about(changed) });
      return changed;
    });
  }

  /** One's own password by knowing it, anybody's as the owner. Every other session of that user ends. */
  async changePassword(by: User, session: Session, id: number, input: PasswordChange): Promise<void> {
    const { audit, database, userTable, sessions } = this.#parts;
    const user = userTable.need(id);
    const act = { action: 'PASSWORD_CHANGE', source: 'auth', ...userTable.about(user) } as const;
    const isOwn = by.id === id;
    demand(isOwn || by.user_type === 'owner', { attempted: act.action, ...userTable.about(user) });
    if (isOwn && !(await verifyPassword(input.current_password ?? '', user.password_hash))) {
      await audit.record({ ...act, outcome: 'failure' });
      throw invalid('current_password', 'is not the password of this account');
    }
    const password_hash = await hashPassword(input.new_password);
    database.transaction(() => {
      userTable.update(id, { password_hash });
      sessions.closeAllOf(id, session.id);
      database.record(act);
    });
  }
}
