import { type Insertable, type SelectQueryBuilder, sql, type Updateable } from 'kysely';

import { type Db, held, now } from '../database/clinic-database.js';
import type { Rows, Slice } from '../database/records.js';
import type { Tables } from '../database/tables.js';
import type { DocumentFiles } from '../documents/document-files.js';
import type { ClinicParts } from '../parts.js';
import { demand, Problem, there } from '../problem.js';
import { hashPassword, NO_PASSWORD } from '../sign-in/password.js';
import { changesOf, type NewUser, type Registration, standing, type UserChanges } from './input.js';
import { mayDeleteUser, mayReadUser, mayWriteUser, sightOf } from './rights.js';
import { aboutUser, type Role, type User, type UserType } from './user.js';

interface Asked {
  readonly user_type?: UserType | undefined;
  readonly role?: Role | undefined;
  /** A part of a name. */
  readonly search?: string | undefined;
}

export interface UserParts extends ClinicParts {
  readonly files: DocumentFiles;
}

type Account = Insertable<Tables['users']>;
type Admission = Omit<NewUser | Registration, 'password'> & { readonly password?: string | undefined };
type Selecting<O> = SelectQueryBuilder<Tables, 'users', O>;

/** The people of the clinic. */
export class Users {
  readonly #parts: UserParts;

  constructor(parts: UserParts) {
    this.#parts = parts;
  }

  /** True until the first account is made. */
  async isEmpty(): Promise<boolean> {
    const found = await this.#parts.db.selectFrom('users').select('id').limit(1).executeTakeFirst();
    return found === undefined;
  }

  async list(by: User, asked: Asked, { limit, offset }: Slice): Promise<Rows<User>> {
    const from = this.#parts.db.selectFrom('users');
    const rows = narrowed(from.selectAll(), by, asked).orderBy('id').limit(limit).offset(offset);
    const counting = narrowed(
      from.select(({ fn }) => fn.countAll().as('count')),
      by,
      asked,
    );
    const counted = await counting.executeTakeFirst();
    return { rows: await rows.execute(), count: Number(counted?.count ?? 0) };
  }

  async read(by: User, id: number): Promise<User> {
    const user = await this.#parts.directory.need(id);
    demand(mayReadUser(by, user), { attempted: 'READ', ...aboutUser(user) });
    return user;
  }

  /** Refuses who may make no account at all. */
  mayCreate(by: User): void {
    demand(mayWriteUser(by, 'patient'));
  }

  async create(by: User, input: NewUser): Promise<User> {
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

  /** All of them or none. Without a password nobody signs in to an account until the owner gives it one. */
  async admitAll(inputs: readonly Admission[]): Promise<User[]> {
    const hashes = await Promise.all(
      inputs.map(async ({ password }) => (password === undefined ? NO_PASSWORD : hashPassword(password))),
    );
    const rows = inputs.map((input, at) => ({
      ...accountOf(input),
      password_hash: hashes[at] ?? NO_PASSWORD,
    }));
    return this.#parts.db.insertInto('users').values(rows).returningAll().execute();
  }

  async update(by: User, id: number, ask: () => UserChanges): Promise<User> {
    const user = await this.writable(by, id, 'UPDATE');
    return this.save(id, changesOf(ask(), user));
  }

  async save(id: number, changes: Updateable<Tables['users']>, db: Db = this.#parts.db): Promise<User> {
    const set = { ...changes, updated_at: now() };
    const saved = db.updateTable('users').set(set).where('id', '=', id).returningAll();
    return there(await saved.executeTakeFirst(), 'user', id);
  }

  /** Takes along what is kept of a patient, and leaves a dentist's work without one: all of it is recorded. */
  async remove(by: User, id: number): Promise<void> {
    const { acts, directory, files } = this.#parts;
    const theirs = await acts.together(async (db) => {
      const user = await directory.need(id, db);
      demand(mayDeleteUser(by, user), { attempted: 'DELETE', ...aboutUser(user) });
      await this.keepAnOwner(user, db);
      const documents = await db.selectFrom('documents').select('file').where('patient', '=', id).execute();
      await db.deleteFrom('users').where('id', '=', id).execute();
      return documents.map(({ file }) => file);
    });
    await files.remove(theirs);
  }

  async writable(by: User, id: number, attempted: string, db: Db = this.#parts.db): Promise<User> {
    const user = await this.#parts.directory.need(id, db);
    demand(mayWriteUser(by, user.user_type), { attempted, ...aboutUser(user) });
    return user;
  }

  /** Called before the last active owner could leave: afterwards nobody could read the trail. */
  async keepAnOwner(user: User, db: Db): Promise<void> {
    if (user.user_type !== 'owner' || user.is_active === 0) return;
    const owners = db
      .selectFrom('users')
      .select('id')
      .where('user_type', '=', 'owner')
      .where('is_active', '=', 1)
      .orderBy('id');
    if ((await held(db, owners).execute()).length > 1) return;
    throw new Problem(409, 'This is the last owner of the clinic, who must stay.');
  }
}

function narrowed<O>(query: Selecting<O>, by: User, { user_type, role, search }: Asked): Selecting<O> {
  const sight = sightOf(by);
  let found = query;
  if (sight === 'themselves') found = found.where('id', '=', by.id);
  if (sight === 'all-but-owners') found = found.where('user_type', 'in', ['staff', 'patient']);
  if (user_type !== undefined) found = found.where('user_type', '=', user_type);
  if (role !== undefined) found = found.where('role', '=', role);
  // Whatever is typed is text to look for, and never a pattern.
  const name = sql<string>`replace(lower(first_name || ' ' || last_name), lower(${search ?? ''}), '')`;
  const whole = sql<string>`lower(first_name || ' ' || last_name)`;
  return search === undefined ? found : found.where(name, '<>', whole);
}

function accountOf({ password: _password, ...input }: Admission): Omit<Account, 'password_hash'> {
  const isActive = !('is_active' in input) || input.is_active;
  return { ...input, ...standing(input), is_active: isActive ? 1 : 0 };
}
