import type { ModelOptions } from '../../trail/options.js';
import type { ClinicDatabase } from './clinic-orm.js';

/** How a column's values are compared. */
export type Kind = 'text' | 'number' | 'time' | 'json' | 'bytes' | 'secret';

export interface ClinicTable {
  readonly model: string;
  readonly key: readonly string[];
  readonly columns: Readonly<Record<string, Kind>>;
  /** The path to the person the record is about. */
  readonly subject?: string;
}

const times = { created_at: 'time', updated_at: 'time' } as const;

/** The clinic's tables, each after those it refers to. */
export const CLINIC_TABLES: Readonly<Record<string, ClinicTable>> = {
  user: {
    model: 'User',
    key: ['id'],
    subject: 'id',
    columns: { id: 'text', email: 'text', password_hash: 'secret', full_name: 'text', ...times },
  },
  location: { model: 'Location', key: ['id'], columns: { id: 'number', name: 'text', time_zone: 'text' } },
  service: {
    model: 'Service',
    key: ['id'],
    columns: { id: 'number', location_id: 'number', name: 'text', price: 'number' },
  },
  appointment: {
    model: 'Appointment',
    key: ['id'],
    subject: 'user_id',
    columns: {
      id: 'text',
      user_id: 'text',
      location_id: 'number',
      service_id: 'number',
      status: 'text',
      price: 'number',
      starts_at: 'time',
      day: 'text',
      preferences: 'json',
      units: 'number',
      score: 'number',
      notes: 'text',
      ...times,
    },
  },
  dental_record: {
    model: 'DentalRecord',
    key: ['id'],
    subject: 'user_id',
    columns: { id: 'text', user_id: 'text', tooth: 'number', finding: 'text', recorded_on: 'text' },
  },
  treatment_plan: {
    model: 'TreatmentPlan',
    key: ['id'],
    subject: 'user_id',
    columns: { id: 'text', user_id: 'text', title: 'text' },
  },
  treatment_plan_item: {
    model: 'TreatmentPlanItem',
    key: ['plan_id', 'position'],
    subject: 'plan_id.user_id',
    columns: {
      plan_id: 'text',
      position: 'number',
      service_id: 'number',
      description: 'text',
      price: 'number',
    },
  },
  intake_form: {
    model: 'IntakeForm',
    key: ['id'],
    subject: 'user_id',
    columns: { id: 'number', user_id: 'text', answers: 'json' },
  },
  document: {
    model: 'Document',
    key: ['id'],
    subject: 'user_id',
    columns: { id: 'text', user_id: 'text', name: 'text', content: 'bytes', body: 'text' },
  },
  billing: {
    model: 'Billing',
    key: ['id'],
    subject: 'user_id',
    columns: { id: 'number', user_id: 'text', balance: 'number', visits: 'number' },
  },
  invoice: {
    model: 'Invoice',
    key: ['id'],
    subject: 'appointment_id.user_id',
    columns: { id: 'number', appointment_id: 'text', number: 'text', total: 'number' },
  },
  payment: {
    model: 'Payment',
    key: ['id'],
    subject: 'invoice_id.appointment_id.user_id',
    columns: { id: 'number', invoice_id: 'number', amount: 'number', paid_at: 'time' },
  },
  tag: { model: 'Tag', key: ['id'], columns: { id: 'number', label: 'text', color: 'text' } },
  appointment_tag: {
    model: 'AppointmentTag',
    key: ['appointment_id', 'tag_id'],
    subject: 'appointment_id.user_id',
    columns: { appointment_id: 'text', tag_id: 'number' },
  },
  _AppointmentToTag: {
    model: 'AppointmentToTag',
    key: ['A', 'B'],
    subject: 'A.user_id',
    columns: { A: 'text', B: 'number' },
  },
  visit_log: { model: 'VisitLog', key: [], columns: { user_id: 'text', note: 'text', at: 'time' } },
};

/** Where the kit's own triggers write what really happened. */
export const TRUTH = 'clinic_truth';

/** The `models` of the trail that the kit opens. */
export const CLINIC_MODELS: Readonly<Record<string, ModelOptions>> = {
  ...Object.fromEntries(
    Object.entries(CLINIC_TABLES).map(([table, { model, subject }]) => [model, { table, subject }]),
  ),
  [TRUTH]: false,
};

/** Tables of which no column names a row, and which SQLite gives a rowid all the same. */
const ROWID_TABLES = new Set(['visit_log']);

/** The table as it is on one of the databases. */
export function tableOn(database: ClinicDatabase, name: string): ClinicTable | undefined {
  const table = CLINIC_TABLES[name];
  if (table === undefined || database === 'postgres' || !ROWID_TABLES.has(name)) return table;
  return { ...table, key: ['rowid'], columns: { ...table.columns, rowid: 'number' } };
}

export function quoted(name: string): string {
  return `"${name}"`;
}
