import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { Appointments } from './appointments/appointments.js';
import { type AuditFiles, type ClinicAudit, openAudit } from './audit.js';
import { Acts } from './database/acts.js';
import { type ClinicDatabase, openClinicDatabase } from './database/clinic-database.js';
import { openDatabase } from './database/open-database.js';
import { DentalRecords } from './dental-records/dental-records.js';
import { Invoices } from './invoices/invoices.js';
import { Locations } from './locations/locations.js';
import { PatientFiles } from './patient-files/patient-files.js';
import { Sessions } from './sign-in/sessions.js';
import { SignIn } from './sign-in/sign-in.js';
import { TreatmentPlans } from './treatment-plans/treatment-plans.js';
import { Accounts } from './users/accounts.js';
import { Directory } from './users/directory.js';
import { Users } from './users/users.js';

export type ClinicOptions = Omit<AuditFiles, 'client'>;

/** Opens the clinic of a folder: its data in `clinic.db`, its trail in `audit.db`. Close it in the end. */
export async function createClinic(options: ClinicOptions): Promise<Clinic> {
  mkdirSync(options.dataDir, { recursive: true });
  const client = openDatabase(join(options.dataDir, 'clinic.db'));
  const audit = await openAudit({ ...options, client });
  return new Clinic(openClinicDatabase(audit, client), audit);
}

/** Everything the clinic does, without HTTP. */
export class Clinic {
  readonly audit: ClinicAudit;
  readonly sessions: Sessions;
  readonly users: Users;
  readonly accounts: Accounts;
  readonly signIn: SignIn;
  readonly locations: Locations;
  readonly appointments: Appointments;
  readonly dentalRecords: DentalRecords;
  readonly treatmentPlans: TreatmentPlans;
  readonly invoices: Invoices;
  readonly patientFiles: PatientFiles;
  readonly #db: ClinicDatabase;

  constructor(db: ClinicDatabase, audit: ClinicAudit) {
    const parts = { audit, db, acts: new Acts(audit, db), directory: new Directory(db) };
    const sessions = new Sessions(db);
    const users = new Users(parts);
    const locations = new Locations(db);
    this.#db = db;
    this.audit = audit;
    this.sessions = sessions;
    this.users = users;
    this.locations = locations;
    this.accounts = new Accounts({ ...parts, users, sessions });
    this.signIn = new SignIn({ ...parts, users, sessions });
    const appointments = new Appointments({ ...parts, locations });
    const records = {
      appointments,
      dentalRecords: new DentalRecords(parts),
      treatmentPlans: new TreatmentPlans(parts),
      invoices: new Invoices({ ...parts, appointments }),
    };
    this.appointments = appointments;
    this.dentalRecords = records.dentalRecords;
    this.treatmentPlans = records.treatmentPlans;
    this.invoices = records.invoices;
    this.patientFiles = new PatientFiles({ ...records, directory: parts.directory });
  }

  /** The trail first: what waits in the outbox is brought home while the data is still open. */
  async close(): Promise<void> {
    await this.audit.close();
    this.#db.$client.close();
  }
}
