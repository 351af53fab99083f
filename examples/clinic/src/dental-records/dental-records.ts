import type { Router } from 'express';

import type { ClinicAudit } from '../audit.js';
import { Collection } from '../collections/collection.js';
import { recordId, inputsOf, line, text, wanted } from '../collections/input.js';
import { CLINICAL } from '../collections/rights.js';
import { collectionRoutes } from '../collections/routes.js';
import type { Db } from '../database/clinic-database.js';
import type { Kept, Row, Some } from '../database/tables.js';
import type { ClinicParts } from '../parts.js';

/** What was found and done. */
export interface DentalRecordTable extends Kept {
  patient: number;
  /** Null once whoever treated is gone. */
  dentist: number | null;
  diagnosis: string;
  treatment: string;
  notes: string;
}

/** A record stays with its patient. */
const FIXED = ['patient', 'created_at'];
const inputs = inputsOf(
  {
    patient: recordId,
    dentist: recordId,
    diagnosis: line(2_000),
    treatment: line(2_000),
    notes: text(10_000),
  },
  FIXED,
);

/** What was found and done: written by those who treat, and read by the patient too. */
export class DentalRecords extends Collection<'dental_records'> {
  constructor(parts: ClinicParts) {
    super(parts, {
      table: 'dental_records',
      model: 'DentalRecord',
      name: 'dental record',
      rights: CLINICAL,
      own: 'patient',
      fixed: FIXED,
      label: dentalRecordLabel,
      shown: ['id', 'patient', 'dentist', 'diagnosis', 'treatment', 'notes', 'created_at'],
    });
  }

  protected override async check(db: Db, { patient, dentist }: Some<Row<'dental_records'>>): Promise<void> {
    await this.parts.directory.checkPatient(patient, db);
    await this.parts.directory.checkPractitioner(dentist, 'dentist', db);
  }
}

/** Nothing of what was found: a label is read by more people than a record. */
export function dentalRecordLabel({ created_at }: Readonly<Record<'created_at', unknown>>): string {
  return `Dental record of ${String(created_at).slice(0, 10)}`;
}

export function dentalRecordRoutes(audit: ClinicAudit, records: DentalRecords): Router {
  return collectionRoutes(audit, 'dental-records', records, {
    inputs,
    filter: { patient: wanted, dentist: wanted },
  });
}
