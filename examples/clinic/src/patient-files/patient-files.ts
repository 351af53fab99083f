import type { Collection } from '../collections/collection.js';
import { now } from '../database/clinic-database.js';
import type { RecordTable } from '../database/tables.js';
import { demand, Problem } from '../problem.js';
import type { Directory } from '../users/directory.js';
import { mayReadClinical } from '../users/rights.js';
import { aboutUser, type User, userAnswer } from '../users/user.js';

/** What is kept of patients, by the names it has in their files. */
const KEPT = [
  'appointments',
  'dental_records',
  'treatment_plans',
  'intake_forms',
  'documents',
  'progress_notes',
  'billing',
  'invoices',
  'claims',
] as const;
type Name = (typeof KEPT)[number];

/** Everything the clinic keeps of one patient. */
export interface PatientFile extends Readonly<Record<Name, readonly object[]>> {
  readonly exported_at: string;
  readonly patient: object;
}

export type Sources = { readonly [N in Name]: Pick<Collection<N & RecordTable>, 'list' | 'answer'> };

const ALL = { limit: Number.MAX_SAFE_INTEGER, offset: 0 };

/** Puts together what is handed out of a patient as one document. */
export class PatientFiles {
  readonly #directory: Directory;
  readonly #sources: Sources;

  constructor(directory: Directory, sources: Sources) {
    this.#directory = directory;
    this.#sources = sources;
  }

  /** Refuses who may not take a file along: that is for those who treat, and for the patient. */
  async mayExport(by: User, id: number): Promise<User> {
    const user = await this.#directory.need(id);
    demand(mayReadClinical(by, id), { attempted: 'EXPORT', ...aboutUser(user) });
    if (user.user_type !== 'patient') throw new Problem(404, `There is no patient ${id}.`);
    return user;
  }

  async export(by: User, id: number): Promise<PatientFile> {
    const patient = await this.mayExport(by, id);
    const kept = await Promise.all(KEPT.map(async (name) => [name, await this.#all(name, patient)] as const));
    const records = Object.fromEntries(kept) as unknown as Record<Name, readonly object[]>;
    return { exported_at: now(), patient: userAnswer(patient), ...records };
  }

  /** A patient sees all of what is theirs, and nothing else: so it is what they see themselves. */
  async #all(name: Name, patient: User): Promise<object[]> {
    const source = this.#sources[name] as Pick<Collection<RecordTable>, 'list' | 'answer'>;
    const { rows } = await source.list(patient, {}, ALL);
    return rows.map((row) => source.answer(row));
  }
}

/** How much of each kind a file holds. */
export function contentsOf(file: PatientFile): object {
  return Object.fromEntries(KEPT.map((name) => [name, file[name].length]));
}
