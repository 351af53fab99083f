import type { ClinicAudit } from '../audit.js';
import type { RecordedDatabase } from '../database/recorded-database.js';
import type { Conditions, Rows, Slice, Written } from '../database/recorded-table.js';
import type { AppointmentTable } from '../appointments/appointment.js';
import { demand, Problem } from '../problem.js';
import { hashPassword } from '../sign-in/password.js';
import { changesOf, type NewUser, type Registration, standing, type UserChanges } from './input.js';
import { mayReadUser, mayWriteUser, readableUsers } from './rights.js';
import type { User, UserTable } from './user.js';

export interface UserParts {
  readonly audit: ClinicAudit;
  readonly database: RecordedDatabase;
  readonly userTable: UserTable;
  readonly appointmentTable: AppointmentTable;
}

/** The people of the clinic. */
export class Users {
  readonly #parts: UserParts;

  constructor(parts: UserParts) {
    this.#parts = parts;
  }

  /** True until the first account is made. */
  get isEmpty(): boolean {
    return this.#parts.userTable.list([], { limit: 1, offset: 0 }).count === 0;
  }

  async list(by: User, where: Conditions<User>, slice: Slice): Promise<Rows<User>> {
    const { audit, userTable } = this.#parts;
    const found = userTable.list([where, readableUsers(by)], slice);
    const patients = found.rows.filter((user) => user.user_type === 'patient');
    await audit.record({
      action: 'LIST',
      source: 'read',
      target: { type: 'User' },
      subjects: patients.map((user) => String(user.id)),
      metadata: { count: found.count, ids: found.rows.map((user) => user.id) },
    });
    return found;
  }

  async read(by: User, id: number): Promise<User> {
    const user = this.#parts.userTable.need(id);
    demand(mayReadUser(by, user), { attempted: 'READ', ...this.#parts.userTable.about(user) });
    await this.#parts.audit.record({ action: 'READ', source: 'read', ...this.#parts.userTable.about(user) });
    return user;
  }

  create(by: User, input: NewUser): Promise<User> {
    const { user_type } = standing(input);
    demand(mayWriteUser(by, user_type), { attempted: 'CREATE', target: { type: 'User' } });
    return this.admit(input);
  }

  /** Makes an account without asking who does it: for people who register themselves. */
  async admit(input: NewUser | Registration): Promise<User> {
    const [user] = await this.admitAll([input]);
    if (user === undefined) throw new Error('The new user was not answered');
    return user;
  }

  /** All of them or none. */
  async admitAll(inputs: readonly (NewUser | Registration)[]): Promise<User[]> {
    const { database, userTable } = this.#parts;
    const rows = await Promise.all(inputs.map(accountOf));
    return database.transaction(() => rows.map((row) => userTable.insert(row)));
  }

  update(by: User, id: number, input: UserChanges): User {
    const user = this.writable(by, id, 'UPDATE');
    const changes = changesOf(input, { ...user, is_active: user.is_active === 1 });
    return this.#parts.userTable.update(id, changes as Partial<User>);
  }

  /** Takes a patient's appointments along, and leaves a dentist's without one: each of them is recorded. */
  remove(by: User, id: number): void {
    const user = this.writable(by, id, 'DELETE');
    const { database, userTable, appointmentTable } = this.#parts;
    database.transaction(() => {
      this.keepAnOwner(user);
      for (const { id: kept } of appointmentTable.list([{ dentist: id }]).rows) {
        appointmentTable.update(kept, { dentist: null });
      }
      for (const { id: gone } of appointmentTable.list([{ patient: id }]).rows) appointmentTable.delete(gone);
      userTable.delete(id);
    });
  }

  writable(by: User, id: number, attempted: string): User {
    const user = this.#parts.userTable.need(id);
    demand(mayWriteUser(by, user.user_type), { attempted, ...this.#parts.userTable.about(user) });
    return user;
  }

  /** Called before the last active owner could leave: afterwards nobody could read the trail. */
  keepAnOwner(user: User): void {
    const { userTable } = this.#parts;
    if (user.user_type !== 'owner' || user.is_active === 0) return;
    if (userTable.list([{ user_type: 'owner', is_active: 1 }]).count > 1) return;
    throw new Problem(409, 'This is the last owner of the clinic, who must stay.');
  }
}

async function accountOf({ password, ...input }: NewUser | Registration): Promise<Written<User>> {
  const is_active = 'is_active' in input && !input.is_active ? 0 : 1;
  return { ...input, ...standing(input), is_active, password_hash: await hashPassword(password) };
}
