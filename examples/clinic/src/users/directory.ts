import type { About } from '../audit.js';
import { type Db, held } from '../database/clinic-database.js';
import { invalid, there } from '../problem.js';
import { type User, userLabel } from './user.js';

/** Finds people for whoever has to do with them. */
export class Directory {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async find(id: number, db: Db = this.#db): Promise<User | undefined> {
    return db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
  }

  /** In a transaction nobody else changes the account until its end. */
  async need(id: number, db: Db = this.#db): Promise<User> {
    const query = db.selectFrom('users').selectAll().where('id', '=', id);
    const user = await (db.isTransaction ? held(db, query) : query).executeTakeFirst();
    return there(user, 'user', id);
  }

  async byName(username: string): Promise<User | undefined> {
    return this.#db.selectFrom('users').selectAll().where('username', '=', username).executeTakeFirst();
  }

  /** What an event says of the patient it is about, whose name is kept as it is at that moment. */
  async subject(patient: number, db: Db = this.#db): Promise<Pick<About, 'subjectId' | 'subjectLabel'>> {
    const user = await this.find(patient, db);
    return { subjectId: String(patient), subjectLabel: user && userLabel(user) };
  }

  /** Refuses an id that is no patient's; that none is named is fine. */
  async checkPatient(id: number | undefined, db: Db = this.#db): Promise<void> {
    if (id === undefined || (await this.find(id, db))?.user_type === 'patient') return;
    throw invalid('patient', 'must be the id of a patient');
  }

  /** Refuses an id that is neither a dentist's nor a hygienist's; that none is named is fine. */
  async checkPractitioner(id: number | null | undefined, field: string, db: Db = this.#db): Promise<void> {
    if (id === null || id === undefined) return;
    const role = (await this.find(id, db))?.role;
    if (role !== 'dentist' && role !== 'hygienist')
      throw invalid(field, 'must be the id of a dentist or hygienist');
  }

  /** As `checkPractitioner`, and the owner may be meant too. */
  async checkTreating(id: number | null, field: string, db: Db = this.#db): Promise<void> {
    const isOwner = id !== null && (await this.find(id, db))?.role === 'owner';
    if (!isOwner) await this.checkPractitioner(id, field, db);
  }
}
