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
import { Reads } from './reads.js';
import { openNameDigest } from './sign-in/name-digest.js';
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
  return new Clinic(openClinicDatabase(audit, client), audit, options.dataDir);
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
  readonly #db: ClinicDatabase;

  constructor(db: ClinicDatabase, audit: ClinicAudit, dataDir: string) {
    const parts = {
      audit,
      db,
      acts: new Acts(audit, db),
      reads: new Reads(audit),
      directory: new Directory(db),
    };
    const sessions = new Sessions(db);
    const users = new Users(parts);
    const locations = new Locations(db);
    this.#db = db;
    this.audit = audit;
    this.sessions = sessions;
    this.users = users;
    this.locations = locations;
    this.accounts = new Accounts({ ...parts, users, sessions });
    const digestOf = openNameDigest(join(dataDir, 'name-digest.key'));
    this.signIn = new SignIn({ ...parts, users, sessions, digestOf });
    this.appointments = new Appointments({ ...parts, locations });
    this.dentalRecords = new DentalRecords(parts);
    this.treatmentPlans = new TreatmentPlans(parts);
    this.invoices = new Invoices({ ...parts, appointments: this.appointments });
  }

  /** The trail first: what waits in the outbox is brought home while the data is still open. */
  async close(): Promise<void> {
    await this.audit.close();
    this.#db.$client.close();
  }
}
