import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { Appointments } from './appointments/appointments.js';
import { type AuditPlaces, type ClinicAudit, openAudit } from './audit.js';
import { Billing } from './billing/billing.js';
import { Claims } from './claims/claims.js';
import { Acts } from './database/acts.js';
import type { Db } from './database/clinic-database.js';
import { type OpenDatabase, openPostgres, openSqlite } from './database/open-database.js';
import { DentalRecords } from './dental-records/dental-records.js';
import { DocumentFiles } from './documents/document-files.js';
import { Documents } from './documents/documents.js';
import { IntakeForms } from './intake-forms/intake-forms.js';
import { Inventory } from './inventory/inventory.js';
import { Invoices } from './invoices/invoices.js';
import { Locations } from './locations/locations.js';
import { PatientFiles } from './patient-files/patient-files.js';
import { Profiles } from './profiles/profiles.js';
import { ProgressNotes } from './progress-notes/progress-notes.js';
import { Resources } from './resources/resources.js';
import { Services } from './services/services.js';
import { Settings } from './settings/settings.js';
import { Sessions } from './sign-in/sessions.js';
import { SignIn } from './sign-in/sign-in.js';
import { TreatmentPlans } from './treatment-plans/treatment-plans.js';
import { Accounts } from './users/accounts.js';
import { Directory } from './users/directory.js';
import { Users } from './users/users.js';

export interface ClinicOptions extends Omit<AuditPlaces, 'outbox'> {
  /** Where the clinic's data is, unless in `clinic.db` of its folder: `postgres://...`. */
  readonly databaseUrl?: string | undefined;
}

/** Opens the clinic of a folder: its data and its trail there too, unless databases are named. Close it in the end. */
export async function createClinic({ databaseUrl, ...places }: ClinicOptions): Promise<Clinic> {
  mkdirSync(places.dataDir, { recursive: true });
  const database = await (databaseUrl === undefined
    ? openSqlite(join(places.dataDir, 'clinic.db'))
    : openPostgres(databaseUrl));
  const audit = await openAudit({ ...places, outbox: database.outbox });
  const files = new DocumentFiles(join(places.dataDir, 'documents'));
  return new Clinic(database, audit, files);
}

/** Everything the clinic does, without HTTP. */
export class Clinic {
  readonly audit: ClinicAudit;
  readonly db: Db;
  readonly sessions: Sessions;
  readonly users: Users;
  readonly accounts: Accounts;
  readonly signIn: SignIn;
  readonly services: Services;
  readonly locations: Locations;
  readonly inventory: Inventory;
  readonly resources: Resources;
  readonly profiles: Profiles;
  readonly settings: Settings;
  readonly appointments: Appointments;
  readonly dentalRecords: DentalRecords;
  readonly treatmentPlans: TreatmentPlans;
  readonly intakeForms: IntakeForms;
  readonly documents: Documents;
  readonly progressNotes: ProgressNotes;
  readonly billing: Billing;
  readonly invoices: Invoices;
  readonly claims: Claims;
  readonly patientFiles: PatientFiles;
  readonly #database: OpenDatabase;

  constructor(database: OpenDatabase, audit: ClinicAudit, files: DocumentFiles) {
    const db = database.capturedBy(audit);
    const parts = { audit, db, acts: new Acts(audit, db), directory: new Directory(db) };
    this.#database = database;
    this.audit = audit;
    this.db = db;
    this.sessions = new Sessions(db);
    this.users = new Users({ ...parts, files });
    const { sessions, users } = this;
    this.accounts = new Accounts({ ...parts, users, sessions });
    this.signIn = new SignIn({ ...parts, users, sessions });
    this.services = new Services(parts);
    this.locations = new Locations(parts);
    this.inventory = new Inventory({ ...parts, locations: this.locations });
    this.resources = new Resources(parts);
    this.profiles = new Profiles(parts);
    this.settings = new Settings(parts);
    this.appointments = new Appointments({ ...parts, locations: this.locations });
    const { appointments } = this;
    this.dentalRecords = new DentalRecords(parts);
    this.treatmentPlans = new TreatmentPlans(parts);
    this.intakeForms = new IntakeForms(parts);
    this.documents = new Documents({ ...parts, files });
    this.progressNotes = new ProgressNotes({ ...parts, appointments });
    this.billing = new Billing({ ...parts, appointments });
    this.invoices = new Invoices({ ...parts, appointments });
    this.claims = new Claims({ ...parts, invoices: this.invoices });
    this.patientFiles = new PatientFiles(parts.directory, {
      appointments,
      dental_records: this.dentalRecords,
      treatment_plans: this.treatmentPlans,
      intake_forms: this.intakeForms,
      documents: this.documents,
      progress_notes: this.progressNotes,
      billing: this.billing,
      invoices: this.invoices,
      claims: this.claims,
    });
  }

  /** How much can be done at the same time. */
  get lanes(): number {
    return this.#database.lanes;
  }

  /** Runs work that a power cut may spoil, and the clinic with it: the filling of an empty one. */
  hastily<T>(work: () => Promise<T>): Promise<T> {
    return this.#database.hastily(work);
  }

  /** The trail first: what waits in the outbox is brought home while the data is still open. */
  async close(): Promise<void> {
    await this.audit.close();
    await this.#database.close();
  }
}
