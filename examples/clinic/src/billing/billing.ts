import type { Router } from 'express';
import { z } from 'zod';

import type { Appointments } from '../appointments/appointments.js';
import type { ClinicAudit } from '../audit.js';
import { Collection } from '../collections/collection.js';
import { cents, recordId, inputsOf, wanted } from '../collections/input.js';
import { MONEY } from '../collections/rights.js';
import { collectionRoutes } from '../collections/routes.js';
import type { Db } from '../database/clinic-database.js';
import type { Kept, Row, Some } from '../database/tables.js';
import { inUnits } from '../invoices/invoice.js';
import type { ClinicParts } from '../parts.js';

const METHODS = ['cash', 'card', 'transfer', 'insurance'] as const;
const STATUSES = ['pending', 'paid', 'failed', 'refunded'] as const;

/** What is owed at the desk, and how it was settled. */
export interface BillingTable extends Kept {
  patient: number;
  appointment: number | null;
  /** In cents. */
  amount: number;
  method: (typeof METHODS)[number] | null;
  status: (typeof STATUSES)[number];
  paid_at: string | null;
}

type Bill = Row<'billing'>;

const FIXED = ['patient'];
const inputs = inputsOf(
  {
    patient: recordId,
    appointment: recordId.nullable().default(null),
    amount: cents,
    method: z.enum(METHODS).nullable().default(null),
    status: z.enum(STATUSES).default('pending'),
    paid_at: z.iso.datetime({ offset: true }).nullable().default(null),
  },
  FIXED,
);

export interface BillingParts extends ClinicParts {
  readonly appointments: Appointments;
}

export class Billing extends Collection<'billing'> {
  readonly #appointments: Appointments;

  constructor(parts: BillingParts) {
    super(parts, {
      table: 'billing',
      model: 'Billing',
      name: 'bill',
      rights: MONEY,
      own: 'patient',
      fixed: FIXED,
      label: billLabel,
      shown: ['id', 'patient', 'appointment', 'amount', 'method', 'status', 'paid_at'],
    });
    this.#appointments = parts.appointments;
  }

  protected override async check(db: Db, { patient, appointment }: Some<Bill>, before?: Bill): Promise<void> {
    await this.parts.directory.checkPatient(patient, db);
    await this.#appointments.checkOf(patient ?? before?.patient, appointment, db);
  }
}

export function billLabel({ amount }: Readonly<Record<'amount', unknown>>): string {
  return `Bill of ${inUnits(amount)}`;
}

export function billingRoutes(audit: ClinicAudit, billing: Billing): Router {
  return collectionRoutes(audit, 'billing', billing, {
    inputs,
    filter: { patient: wanted, appointment: wanted, status: z.enum(STATUSES).optional() },
  });
}
