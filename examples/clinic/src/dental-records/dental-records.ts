import { and, desc, eq } from 'drizzle-orm';

import type { About } from '../audit.js';
import { countOf, type Rows, type Slice } from '../database/rows.js';
import { now } from '../database/times.js';
import type { ClinicParts } from '../parts.js';
import { demand, there } from '../problem.js';
import { mayReadClinical, mayTreat } from '../users/rights.js';
import type { User } from '../users/user.js';
import { type DentalRecord, dentalRecordLabel, dentalRecords } from './dental-record.js';
import type { DentalRecordChanges, DentalRecordFilter, NewDentalRecord } from './input.js';

/** What was found and done: written by those who treat, and read by the patient too. */
export class DentalRecords {
  readonly #parts: ClinicParts;

  constructor(parts: ClinicParts) {
    this.#parts = parts;
  }

  list(by: User, { patient: asked, dentist }: DentalRecordFilter, slice: Slice): Rows<DentalRecord> {
    const { db } = this.#parts;
    const patient = by.user_type === 'patient' ? by.id : undefined;
    demand(mayReadClinical(by, patient));
    const where = and(
      patient === undefined ? undefined : eq(dentalRecords.patient, patient),
      asked === undefined ? undefined : eq(dentalRecords.patient, asked),
      dentist === undefined ? undefined : eq(dentalRecords.dentist, dentist),
    );
    const query = db.select().from(dentalRecords).where(where).orderBy(desc(dentalRecords.id));
    const rows = query.limit(slice.limit).offset(slice.offset).all();
    return { rows, count: countOf(db, dentalRecords, where) };
  }

  read(by: User, id: number): DentalRecord {
    const record = this.#need(id);
    demand(mayReadClinical(by, record.patient), { attempted: 'READ', ...this.#about(record) });
    return record;
  }

  write(by: User, input: NewDentalRecord): DentalRecord {
    const { db, directory } = this.#parts;
    const target = { type: 'DentalRecord' } as const;
    demand(mayTreat(by), { attempted: 'CREATE', target, ...directory.subject(input.patient) });
    directory.checkPatient(input.patient);
    directory.checkPractitioner(input.dentist);
    return db.insert(dentalRecords).values(input).returning().get();
  }

  update(by: User, id: number, changes: DentalRecordChanges): DentalRecord {
    const { db, directory } = this.#parts;
    this.#writable(by, id, 'UPDATE');
    directory.checkPractitioner(changes.dentist);
    const set = { ...changes, updated_at: now() };
    const saved = db.update(dentalRecords).set(set).where(eq(dentalRecords.id, id)).returning().get();
    return there(saved, 'dental record', id);
  }

  remove(by: User, id: number): void {
    this.#writable(by, id, 'DELETE');
    this.#parts.db.delete(dentalRecords).where(eq(dentalRecords.id, id)).run();
  }

  #need(id: number): DentalRecord {
    const found = this.#parts.db.select().from(dentalRecords).where(eq(dentalRecords.id, id)).get();
    return there(found, 'dental record', id);
  }

  #writable(by: User, id: number, attempted: string): void {
    demand(mayTreat(by), { attempted, ...this.#about(this.#need(id)) });
  }

  #about(record: DentalRecord): About {
    const target = {
      type: 'DentalRecord',
      id: String(record.id),
      label: dentalRecordLabel(record),
    } as const;
    return { target, ...this.#parts.directory.subject(record.patient) };
  }
}
