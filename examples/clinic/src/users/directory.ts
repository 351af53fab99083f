import { eq } from 'drizzle-orm';

import type { About } from '../audit.js';
import type { ClinicDatabase } from '../database/clinic-database.js';
import { invalid, there } from '../problem.js';
import { type User, userLabel, users } from './user.js';

/** Finds people for whoever has to do with them. */
export class Directory {
  readonly #db: ClinicDatabase;

  constructor(db: ClinicDatabase) {
    this.#db = db;
  }

  find(id: number): User | undefined {
    return this.#db.select().from(users).where(eq(users.id, id)).get();
  }

  need(id: number): User {
    return there(this.find(id), 'user', id);
  }

  byName(username: string): User | undefined {
    return this.#db.select().from(users).where(eq(users.username, username)).get();
  }

  /** What an event says of the patient it is about, whose name is kept as it is at that moment. */
  subject(patient: number): Pick<About, 'subjectId' | 'subjectLabel'> {
    const user = this.find(patient);
    return { subjectId: String(patient), subjectLabel: user && userLabel(user) };
  }

  /** Refuses an id that is no patient's; that none is named is fine. */
  checkPatient(id: number | undefined): void {
    if (id === undefined || this.find(id)?.user_type === 'patient') return;
    throw invalid('patient', 'must be the id of a patient');
  }

  /** Refuses an id that is neither a dentist's nor a hygienist's; that none is named is fine. */
  checkPractitioner(id: number | null | undefined): void {
    if (id === null || id === undefined) return;
    const role = this.find(id)?.role;
    if (role !== 'dentist' && role !== 'hygienist')
      throw invalid('dentist', 'must be the id of a dentist or hygienist');
  }
}
