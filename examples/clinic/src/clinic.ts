import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type Database from 'better-sqlite3';

import { openAppointmentTable } from './appointments/appointment.js';
import { Appointments } from './appointments/appointments.js';
import { type AuditFiles, type ClinicAudit, openAudit } from './audit.js';
import { openDatabase } from './database/open-database.js';
import { RecordedDatabase } from './database/recorded-database.js';
import { type LocationTable, openLocationTable } from './locations/location.js';
import { openNameDigest } from './sign-in/name-digest.js';
import { Sessions } from './sign-in/sessions.js';
import { SignIn } from './sign-in/sign-in.js';
import { Accounts } from './users/accounts.js';
import { openUserTable } from './users/user.js';
import { Users } from './users/users.js';

export type ClinicOptions = Omit<AuditFiles, 'db'>;

/** Opens the clinic of a folder: its data in `clinic.db`, its trail in `audit.db`. Close it in the end. */
export async function createClinic(options: ClinicOptions): Promise<Clinic> {
  mkdirSync(options.dataDir, { recursive: true });
  const db = openDatabase(join(options.dataDir, 'clinic.db'));
  const audit = await openAudit({ ...options, db });
  return new Clinic(db, audit, options.dataDir);
}

/** Everything the clinic does, without HTTP. */
export class Clinic {
  readonly audit: ClinicAudit;
  readonly sessions: Sessions;
  readonly users: Users;
  readonly accounts: Accounts;
  readonly signIn: SignIn;
  readonly appointments: Appointments;
  readonly locations: LocationTable;
  readonly #db: Database.Database;

  constructor(db: Database.Database, audit: ClinicAudit, dataDir: string) {
    const database = new RecordedDatabase(db, audit);
    const userTable = openUserTable(database);
    const appointmentTable = openAppointmentTable(database, userTable);
    const locationTable = openLocationTable(database);
    const sessions = new Sessions(database);
    const tables = { audit, database, userTable, appointmentTable, locationTable };
    const users = new Users(tables);
    this.#db = db;
    this.audit = audit;
    this.locations = locationTable;
    this.sessions = sessions;
    this.users = users;
    this.accounts = new Accounts({ ...tables, users, sessions });
    const digestOf = openNameDigest(join(dataDir, 'name-digest.key'));
    this.signIn = new SignIn({ ...tables, users, sessions, digestOf });
    this.appointments = new Appointments(tables);
  }

  /** The trail first: what waits in the outbox is brought home while the data is still open. */
  async close(): Promise<void> {
    await this.audit.close();
    this.#db.close();
  }
}
