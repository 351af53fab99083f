import { appointmentAnswer } from '../appointments/appointment.js';
import type { Appointments } from '../appointments/appointments.js';
import { now } from '../database/times.js';
import { dentalRecordAnswer } from '../dental-records/dental-record.js';
import type { DentalRecords } from '../dental-records/dental-records.js';
import { invoiceAnswer } from '../invoices/invoice.js';
import type { Invoices } from '../invoices/invoices.js';
import { demand, Problem } from '../problem.js';
import { planAnswer } from '../treatment-plans/treatment-plan.js';
import type { TreatmentPlans } from '../treatment-plans/treatment-plans.js';
import type { Directory } from '../users/directory.js';
import { mayReadClinical } from '../users/rights.js';
import { aboutUser, type User, userAnswer } from '../users/user.js';

/** Everything the clinic keeps of one patient. */
export interface PatientFile {
  readonly exported_at: string;
  readonly patient: object;
  readonly appointments: readonly object[];
  readonly dental_records: readonly object[];
  readonly treatment_plans: readonly object[];
  readonly invoices: readonly object[];
}

interface Sources {
  readonly directory: Directory;
  readonly appointments: Appointments;
  readonly dentalRecords: DentalRecords;
  readonly treatmentPlans: TreatmentPlans;
  readonly invoices: Invoices;
}

const ALL = { limit: Number.MAX_SAFE_INTEGER, offset: 0 };

/** Puts together what is handed out of a patient as one document. */
export class PatientFiles {
  readonly #sources: Sources;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** For those who treat, and for the patient. */
  export(by: User, id: number): PatientFile {
    const user = this.#sources.directory.need(id);
    demand(mayReadClinical(by, id), { attempted: 'EXPORT', ...aboutUser(user) });
    if (user.user_type !== 'patient') throw new Problem(404, `There is no patient ${id}.`);
    return this.#fileOf(user);
  }

  /** A patient sees all of what is theirs, and nothing else: so it is what they see themselves. */
  #fileOf(patient: User): PatientFile {
    const { appointments, dentalRecords, treatmentPlans, invoices } = this.#sources;
    return {
      exported_at: now(),
      patient: userAnswer(patient),
      appointments: appointments.list(patient, {}, ALL).rows.map(appointmentAnswer),
      dental_records: dentalRecords.list(patient, {}, ALL).rows.map(dentalRecordAnswer),
      treatment_plans: treatmentPlans.list(patient, {}, ALL).rows.map(planAnswer),
      invoices: invoices.list(patient, {}, ALL).rows.map(invoiceAnswer),
    };
  }
}

/** How much of each kind a file holds. */
export function contentsOf(file: PatientFile): object {
  const { appointments, dental_records, treatment_plans, invoices } = file;
  return {
    appointments: appointments.length,
    dental_records: dental_records.length,
    treatment_plans: treatment_plans.length,
    invoices: invoices.length,
  };
}
