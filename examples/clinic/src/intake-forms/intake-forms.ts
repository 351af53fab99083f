import type { Router } from 'express';
import { z } from 'zod';

import type { ClinicAudit } from '../audit.js';
import { Collection } from '../collections/collection.js';
import { recordId, inputsOf, text, wanted } from '../collections/input.js';
import { INTAKE } from '../collections/rights.js';
import { collectionRoutes } from '../collections/routes.js';
import type { Db } from '../database/clinic-database.js';
import type { Kept } from '../database/tables.js';
import type { ClinicParts } from '../parts.js';

/** What a patient says of themselves before they are treated. */
export interface IntakeFormTable extends Kept {
  patient: number;
  allergies: string;
  medications: string;
  conditions: string;
  emergency_contact: string;
  /** Null until it is signed. */
  signed_at: string | null;
}

const FIXED = ['patient'];
const inputs = inputsOf(
  {
    patient: recordId,
    allergies: text(5_000),
    medications: text(5_000),
    conditions: text(5_000),
    emergency_contact: text(300),
    signed_at: z.iso.datetime({ offset: true }).nullable().default(null),
  },
  FIXED,
);

export class IntakeForms extends Collection<'intake_forms'> {
  constructor(parts: ClinicParts) {
    super(parts, {
      table: 'intake_forms',
      model: 'IntakeForm',
      name: 'intake form',
      rights: INTAKE,
      own: 'patient',
      fixed: FIXED,
      label: intakeFormLabel,
      shown: ['id', 'patient', 'allergies', 'medications', 'conditions', 'emergency_contact', 'signed_at'],
    });
  }

  protected override check(db: Db, { patient }: { readonly patient?: number | undefined }): Promise<void> {
    return this.parts.directory.checkPatient(patient, db);
  }
}

/** Nothing of what it says: a label is read by more people than a form. */
export function intakeFormLabel({ created_at }: Readonly<Record<'created_at', unknown>>): string {
  return `Intake form of ${String(created_at).slice(0, 10)}`;
}

export function intakeFormRoutes(audit: ClinicAudit, forms: IntakeForms): Router {
  return collectionRoutes(audit, 'intake-forms', forms, { inputs, filter: { patient: wanted } });
}
