import type { ModelOptions } from 'indelible';
import { kyselyModels } from 'indelible/kysely';

import { appointmentLabel } from './appointments/appointment.js';
import { billLabel } from './billing/billing.js';
import { claimLabel } from './claims/claims.js';
import type { RecordTables } from './database/tables.js';
import { dentalRecordLabel } from './dental-records/dental-records.js';
import { documentLabel } from './documents/document.js';
import { intakeFormLabel } from './intake-forms/intake-forms.js';
import { supplyLabel } from './inventory/inventory.js';
import { invoiceLabel, paymentLabel } from './invoices/invoice.js';
import { locationLabel } from './locations/locations.js';
import { profileLabel } from './profiles/profiles.js';
import { progressNoteLabel } from './progress-notes/progress-notes.js';
import { resourceLabel } from './resources/resources.js';
import { serviceLabel } from './services/services.js';
import { settingLabel } from './settings/settings.js';
import { itemLabel, planLabel } from './treatment-plans/treatment-plan.js';
import { userLabel, userSubject } from './users/user.js';

const ofRecords = kyselyModels<RecordTables>()({
  User: {
    table: 'users',
    subject: { columns: ['id', 'user_type'], text: userSubject },
    label: { columns: ['first_name', 'last_name'], text: userLabel },
  },
  Location: { table: 'locations', label: { columns: ['name'], text: locationLabel } },
  Service: { table: 'services', label: { columns: ['name'], text: serviceLabel } },
  Appointment: {
    table: 'appointments',
    subject: 'patient',
    label: { columns: ['type', 'date', 'time'], text: appointmentLabel },
  },
  DentalRecord: {
    table: 'dental_records',
    subject: 'patient',
    label: { columns: ['created_at'], text: dentalRecordLabel },
  },
  TreatmentPlan: {
    table: 'treatment_plans',
    subject: 'patient',
    label: { columns: ['title'], text: planLabel },
  },
  TreatmentPlanItem: {
    table: 'treatment_plan_items',
    subject: 'plan.patient',
    label: { columns: ['service', 'tooth'], text: itemLabel },
  },
  IntakeForm: {
    table: 'intake_forms',
    subject: 'patient',
    label: { columns: ['created_at'], text: intakeFormLabel },
  },
  Document: {
    table: 'documents',
    subject: 'patient',
    label: { columns: ['document_type', 'filename'], text: documentLabel },
  },
  ProgressNote: {
    table: 'progress_notes',
    subject: 'patient',
    label: { columns: ['created_at'], text: progressNoteLabel },
  },
  Billing: { table: 'billing', subject: 'patient', label: { columns: ['amount'], text: billLabel } },
  Invoice: {
    table: 'invoices',
    subject: 'appointment.patient',
    label: { columns: ['amount', 'due_date'], text: invoiceLabel },
  },
  Payment: {
    table: 'payments',
    subject: 'invoice.appointment.patient',
    label: { columns: ['kind', 'amount'], text: paymentLabel },
  },
  Claim: {
    table: 'claims',
    subject: 'patient',
    label: { columns: ['amount', 'insurer'], text: claimLabel },
  },
  InventoryItem: { table: 'inventory', label: { columns: ['name'], text: supplyLabel } },
  Resource: { table: 'resources', label: { columns: ['title'], text: resourceLabel } },
  Profile: {
    table: 'profiles',
    label: { columns: ['title', 'registration_number'], text: profileLabel },
  },
  Setting: { table: 'settings', label: { columns: ['key'], text: settingLabel } },
});

/** What the trail says of each record: what it is called, and which patient it is about. */
export const models: Readonly<Record<keyof typeof ofRecords, ModelOptions>> = ofRecords;

/** Every kind of record that events of the clinic are about. */
export type ModelName = keyof typeof models | 'AuditEvent';
