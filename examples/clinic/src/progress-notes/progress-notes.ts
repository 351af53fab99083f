import type { Router } from 'express';

import type { Appointments } from '../appointments/appointments.js';
import type { ClinicAudit } from '../audit.js';
import { Collection } from '../collections/collection.js';
import { recordId, inputsOf, line, wanted } from '../collections/input.js';
import { CLINICAL } from '../collections/rights.js';
import { collectionRoutes } from '../collections/routes.js';
import type { Db } from '../database/clinic-database.js';
import type { Kept, Row, Some } from '../database/tables.js';
import type { ClinicParts } from '../parts.js';

/** How a treatment goes on, in the words of whoever treats. */
export interface ProgressNoteTable extends Kept {
  patient: number;
  /** Null once whoever wrote it is gone. */
  author: number | null;
  appointment: number | null;
  text: string;
}

type ProgressNote = Row<'progress_notes'>;

const FIXED = ['patient', 'author', 'created_at'];
const inputs = inputsOf(
  { patient: recordId, author: recordId, appointment: recordId.nullable().default(null), text: line(20_000) },
  FIXED,
);

export interface ProgressNoteParts extends ClinicParts {
  readonly appointments: Appointments;
}

export class ProgressNotes extends Collection<'progress_notes'> {
  readonly #appointments: Appointments;

  constructor(parts: ProgressNoteParts) {
    super(parts, {
      table: 'progress_notes',
      model: 'ProgressNote',
      name: 'progress note',
      rights: CLINICAL,
      own: 'patient',
      fixed: FIXED,
      label: progressNoteLabel,
      shown: ['id', 'patient', 'author', 'appointment', 'text', 'created_at'],
    });
    this.#appointments = parts.appointments;
  }

  protected override async check(
    db: Db,
    { patient, author, appointment }: Some<ProgressNote>,
    before?: ProgressNote,
  ): Promise<void> {
    await this.parts.directory.checkPatient(patient, db);
    if (author !== undefined) await this.parts.directory.checkTreating(author, 'author', db);
    await this.#appointments.checkOf(patient ?? before?.patient, appointment, db);
  }
}

/** Nothing of what it says: a label is read by more people than a note. */
export function progressNoteLabel({ created_at }: Readonly<Record<'created_at', unknown>>): string {
  return `Progress note of ${String(created_at).slice(0, 10)}`;
}

/** Whoever writes is the author, unless it is said who is. */
export function progressNoteRoutes(audit: ClinicAudit, notes: ProgressNotes): Router {
  return collectionRoutes(audit, 'progress-notes', notes, {
    inputs,
    filter: { patient: wanted, author: wanted, appointment: wanted },
    createdBy: (user) => inputs.create.extend({ author: recordId.default(user.id) }),
  });
}
