import type { ModelOptions } from 'indelible';
import { drizzleModels } from 'indelible/drizzle';

import { appointmentLabel, appointments } from './appointments/appointment.js';
import { dentalRecordLabel, dentalRecords } from './dental-records/dental-record.js';
import { invoiceLabel, invoices, paymentLabel, payments } from './invoices/invoice.js';
import { locations } from './locations/location.js';
import {
  itemLabel,
  planLabel,
  treatmentPlanItems,
  treatmentPlans,
} from './treatment-plans/treatment-plan.js';
import { userLabel, users, userSubject } from './users/user.js';

const tables = {
  User: users,
  Location: locations,
  Appointment: appointments,
  DentalRecord: dentalRecords,
  TreatmentPlan: treatmentPlans,
  TreatmentPlanItem: treatmentPlanItems,
  Invoice: invoices,
  Payment: payments,
};

/** What the trail says of each record: what it is called, and which patient it is about. */
export const models: Readonly<Record<string, ModelOptions>> = drizzleModels(tables, {
  User: {
    subject: { columns: ['id', 'user_type'], text: userSubject },
    label: { columns: ['first_name', 'last_name'], text: userLabel },
  },
  Location: { label: { columns: ['name'], text: ({ name }) => String(name) } },
  Appointment: {
    subject: 'patient',
    label: { columns: ['type', 'date', 'time'], text: appointmentLabel },
  },
  DentalRecord: { subject: 'patient', label: { columns: ['created_at'], text: dentalRecordLabel } },
  TreatmentPlan: { subject: 'patient', label: { columns: ['title'], text: planLabel } },
  TreatmentPlanItem: {
    subject: [treatmentPlanItems.plan, treatmentPlans.patient],
    label: { columns: ['service', 'tooth'], text: itemLabel },
  },
  Invoice: {
    subject: [invoices.appointment, appointments.patient],
    label: { columns: ['amount', 'due_date'], text: invoiceLabel },
  },
  Payment: {
    subject: [payments.invoice, invoices.appointment, appointments.patient],
    label: { columns: ['kind', 'amount'], text: paymentLabel },
  },
});

/** Every kind of record that events of the clinic are about. */
export const MODELS = [...(Object.keys(tables) as (keyof typeof tables)[]), 'AuditEvent'] as const;
export type ModelName = (typeof MODELS)[number];
