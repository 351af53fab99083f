import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { SQLiteUpdateSetSource } from 'drizzle-orm/sqlite-core';

import { countOf, type Rows, type Slice } from '../database/rows.js';
import { now } from '../database/times.js';
import type { ClinicParts } from '../parts.js';
import { demand, Problem, there } from '../problem.js';
import { hashPassword } from '../sign-in/password.js';
import { changesOf, type NewUser, type Registration, standing, type UserChanges } from './input.js';
import { mayDeleteUser, mayReadUser, mayWriteUser, readableUsers } from './rights.js';
import { aboutUser, type Role, type User, type UserType, users } from './user.js';

type WrittenUser = typeof users.$inferInsert;

interface Asked {
  readonly user_type?: UserType | undefined;
  readonly role?: Role | undefined;
  /** A part of a name. */
  readonly search?: string | undefined;
}

/** The people of the clinic. */
export class Users {
  readonly #parts: ClinicParts;

  constructor(parts: ClinicParts) {
    this.#parts = parts;
  }

  /** True until the first account is made. */
  get isEmpty(): boolean {
    return countOf(this.#parts.db, users, undefined) === 0;
  }

  list(by: User, asked: Asked, slice: Slice): Rows<User> {
    const { db } = this.#parts;
    const where = and(readableUsers(by), ...conditionsOf(asked));
    const query = db.select().from(users).where(where).orderBy(users.id);
    const rows = query.limit(slice.limit).offset(slice.offset).all();
    return { rows, count: countOf(db, users, where) };
  }

  read(by: User, id: number): User {
    const user = this.#parts.directory.need(id);
    demand(mayReadUser(by, user), { attempted: 'READ', ...aboutUser(user) });
    return user;
  }

  create(by: User, input: NewUser): Promise<User> {
    const { user_type } = standing(input);
    demand(mayWriteUser(by, user_type));
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
    const rows = await Promise.all(inputs.map(accountOf));
    return this.#parts.db.insert(users).values(rows).returning().all();
  }

  update(by: User, id: number, input: UserChanges): User {
    return this.save(id, changesOf(input, this.writable(by, id, 'UPDATE')));
  }

  save(id: number, changes: SQLiteUpdateSetSource<typeof users>): User {
    const { db } = this.#parts;
    const set = { ...changes, updated_at: now() };
    return there(db.update(users).set(set).where(eq(users.id, id)).returning().get(), 'user', id);
  }

  /** Takes along what is kept of a patient, and leaves a dentist's work without one: all of it is recorded. */
  remove(by: User, id: number): void {
    const { db, directory } = this.#parts;
    const user = directory.need(id);
    demand(mayDeleteUser(by, user), { attempted: 'DELETE', ...aboutUser(user) });
    db.transaction(
      () => {
        this.keepAnOwner(user);
        db.delete(users).where(eq(users.id, id)).run();
      },
      { behavior: 'immediate' },
    );
  }

  writable(by: User, id: number, attempted: string): User {
    const user = this.#parts.directory.need(id);
    demand(mayWriteUser(by, user.user_type), { attempted, ...aboutUser(user) });
    return user;
  }

  /** Called before the last active owner could leave: afterwards nobody could read the trail. */
  keepAnOwner(user: User): void {
    if (user.user_type !== 'owner' || !user.is_active) return;
    const owners = and(eq(users.user_type, 'owner'), eq(users.is_active, true));
    if (countOf(this.#parts.db, users, owners) > 1) return;
    throw new Problem(409, 'This is the last owner of the clinic, who must stay.');
  }
}

function conditionsOf({ user_type, role, search }: Asked): (SQL | undefined)[] {
  return [
    user_type && eq(users.user_type, user_type),
    role && eq(users.role, role),
    search === undefined ? undefined : named(search),
  ];
}

/** Whatever is typed is text to look for, and never a pattern. */
function named(part: string): SQL {
  return sql`instr(lower(${users.first_name} || ' ' || ${users.last_name}), lower(${part})) > 0`;
}

async function accountOf({ password, ...input }: NewUser | Registration): Promise<WrittenUser> {
  const is_active = !('is_active' in input) || input.is_active;
  return { ...input, ...standing(input), is_active, password_hash: await hashPassword(password) };
}
