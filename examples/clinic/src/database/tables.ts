import type { Generated, Selectable } from 'kysely';

import type { AppointmentTable } from '../appointments/appointment.js';
import type { BillingTable } from '../billing/billing.js';
import type { ClaimTable } from '../claims/claims.js';
import type { DentalRecordTable } from '../dental-records/dental-records.js';
import type { DocumentTable } from '../documents/document.js';
import type { IntakeFormTable } from '../intake-forms/intake-forms.js';
import type { InventoryItemTable } from '../inventory/inventory.js';
import type { InvoiceTable, PaymentTable } from '../invoices/invoice.js';
import type { LocationTable } from '../locations/locations.js';
import type { ProfileTable } from '../profiles/profiles.js';
import type { ProgressNoteTable } from '../progress-notes/progress-notes.js';
import type { ResourceTable } from '../resources/resources.js';
import type { ServiceTable } from '../services/services.js';
import type { SettingTable } from '../settings/settings.js';
import type { SessionTable } from '../sign-in/sessions.js';
import type { TreatmentPlanItemTable, TreatmentPlanTable } from '../treatment-plans/treatment-plan.js';
import type { UserTable } from '../users/user.js';

/** The tables whose rows are records: each is a model of the trail. */
export interface RecordTables {
  users: UserTable;
  locations: LocationTable;
  services: ServiceTable;
  appointments: AppointmentTable;
  dental_records: DentalRecordTable;
  treatment_plans: TreatmentPlanTable;
  treatment_plan_items: TreatmentPlanItemTable;
  intake_forms: IntakeFormTable;
  documents: DocumentTable;
  progress_notes: ProgressNoteTable;
  billing: BillingTable;
  invoices: InvoiceTable;
  payments: PaymentTable;
  claims: ClaimTable;
  inventory: InventoryItemTable;
  resources: ResourceTable;
  profiles: ProfileTable;
  settings: SettingTable;
}

export interface Tables extends RecordTables {
  sessions: SessionTable;
}

export type RecordTable = keyof RecordTables;
export type Row<T extends RecordTable> = Readonly<Selectable<RecordTables[T]>> & { readonly id: number };
/** Some of a record's columns. */
export type Some<R> = { readonly [K in keyof R]?: R[K] | undefined };

/** What every record has: a number of its own, when it was made, and when it was last saved. */
export interface Kept {
  id: Generated<number>;
  created_at: Generated<string>;
  updated_at: Generated<string>;
}

/** Yes or no, in words that both databases know. */
export type Flag = 0 | 1;
