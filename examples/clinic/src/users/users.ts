import type { ClinicAudit } from '../audit.js';
import type { RecordedDatabase } from '../database/recorded-database.js';
import type { Conditions, Rows } from '../database/recorded-table.js';
import type { AppointmentTable } from '../appointments/appointment.js';
import { demand, Problem } from '../problem.js';
import { hashPassword } from '../sign-in/password.js';
import { changesOf, type NewUser, type Registration, standing, type UserChanges } from './input.js';
import { mayReadUser, mayWriteUser, readableUsers } from './rights.js';
import { type User, userTypeOf, type UserTable } from './user.js';

export interface UserParts {
  readonly audit: ClinicAudit;
  readonly database: RecordedDatabase;
  readonly users: UserTable;
  readonly appointments: AppointmentTable;
}

/** The people of the clinic. */
export class Users {
  readonly #parts: UserParts;

  constructor(parts: UserParts) {
    this.#parts = parts;
  }

  async list(by: User, where: Conditions<User>, page: { limit: number; offset: number }): Promise<Rows<User>> {
    const { audit, users } = this.#parts;
    const found = users.list({ ...where, ...this.#within(where, readableUsers(by)) }, page);
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
    const user = this.find(id);
    demand(mayReadUser(by, user), { attempted: 'READ', ...this.#parts.users.about(user) });
    await this.#parts.audit.record({ action: 'READ', source: 'read', ...this.#parts.users.about(user) });
    return user;
  }

  create(by: User, input: NewUser): Promise<User> {
    const { user_type } = standing(input);
    demand(mayWriteUser(by, user_type), { attempted: 'CREATE', target: { type: 'User' } });
    return this.admit(input);
  }

  /** Makes an account without asking who does it: for people who register themselves, and for the first owner. */
  async admit(input: NewUser | (Registration & { is_active?: boolean })): Promise<User> {
    const { password, ...fields } = input;
    const password_hash = await hashPassword(password);
    const is_active = input.is_active === false ? 0 : 1;
    return this.#parts.users.insert({ ...fields, ...standing(input), is_active, password_hash });
  }

  update(by: User, id: number, input: UserChanges): User {
    const user = this.writable(by, id, 'UPDATE');
    const changes = changesOf(input, { ...user, is_active: user.is_active === 1 });
    return this.#parts.users.update(id, changes as Partial<User>);
  }

  /** Takes a patient's appointments along, and leaves a dentist's without one: each of them is recorded. */
  remove(by: User, id: number): void {
    const user = this.writable(by, id, 'DELETE');
    const { database, users, appointments } = this.#parts;
    database.transaction(() => {
      this.keepAnOwner(user);
      for (const { id: kept } of appointments.list({ dentist: id }).rows) {
        appointments.update(kept, { dentist: null });
      }
      for (const { id: gone } of appointments.list({ patient: id }).rows) appointments.delete(gone);
      users.delete(id);
    });
  }

  find(id: number): User {
    const user = this.#parts.users.find(id);
    if (user === undefined) throw new Problem(404, `There is no user ${id}.`);
    return user;
  }

  writable(by: User, id: number, attempted: string): User {
    const user = this.find(id);
    demand(mayWriteUser(by, user.user_type), { attempted, ...this.#parts.users.about(user) });
    return user;
  }

  /** Called before the last active owner could leave: afterwards nobody could read the trail. */
  keepAnOwner(user: User): void {
    const { users } = this.#parts;
    if (user.user_type !== 'owner' || user.is_active === 0) return;
    if (users.list({ user_type: 'owner', is_active: 1 }).count > 1) return;
    throw new Problem(409, 'This is the last owner of the clinic, who must stay.');
  }
}
