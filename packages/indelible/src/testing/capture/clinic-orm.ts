import type { Audit } from '../../trail/create-audit.js';
import type {
  AppointmentChange,
  AppointmentRow,
  DocumentRow,
  FormRow,
  InvoiceRow,
  PlanItemKey,
  PlanItemRow,
  PlanRow,
  TagRow,
  UserRow,
  VisitRow,
} from './clinic-rows.js';

export type ClinicDatabase = 'postgres' | 'sqlite';

/** A database that has the clinic's tables and some rows in them. */
export type ClinicPlace =
  | { readonly database: 'postgres'; readonly connectionString: string; readonly poolSize: number }
  | { readonly database: 'sqlite'; readonly path: string };

/** An ORM, as the kit opens it: once plainly and once with capture attached. */
export interface ClinicBinding {
  /** Such as `Kysely 0.28`. */
  readonly name: string;
  readonly databases: readonly ClinicDatabase[];
  /** Opens the ORM. With an audit, capture is attached in the one line that a user would write. */
  open(place: ClinicPlace, audit: Audit | undefined): Promise<OpenClinic>;
}

/** What an ORM has no API for: left out of its actions, and declared with the reason that the table shows. */
export type Lacking = { readonly [A in ClinicAction]?: string };

export interface OpenClinic {
  /** Outside any transaction. */
  readonly actions: Partial<ClinicActions>;
  /** One sentence for each action that is not in `actions`, and for `savepoint` and `serializable`. */
  readonly lacks: Lacking;
  /** Runs the work in one transaction of the ORM's. Resolves to what its steps answered. */
  transaction(work: ClinicWork): Promise<readonly unknown[]>;
  close(): Promise<void>;
}

/** What the steps of a transaction act by. */
export interface ClinicTransaction {
  readonly actions: Partial<ClinicActions>;
  /** As `transaction`, inside it: a savepoint, or whatever the ORM calls it. Absent where the ORM has none. */
  readonly savepoint?: ((work: ClinicWork) => unknown) | undefined;
}

/** A step answers at once where the ORM does (Drizzle on better-sqlite3); it must not be awaited then. */
export type ClinicStep = (tx: ClinicTransaction) => unknown;

export interface ClinicWork {
  readonly steps: readonly ClinicStep[];
  /** After the steps; a step that throws always rolls back, and its error is passed on. */
  readonly end: 'commit' | 'rollback';
  /** The steps are begun without awaiting one another. */
  readonly isTogether?: boolean | undefined;
  readonly isolation?: 'serializable' | undefined;
}

/**
 * Every action, done with the ORM's own API (only the two raw ones send SQL). Each answers what the ORM
 * answered, untouched: the kit compares it with that of a plain run.
 */
export interface ClinicActions {
  createUser(user: UserRow): unknown;
  createAppointment(row: AppointmentRow): unknown;
  /** Several in one call that answers no rows. */
  createAppointments(rows: readonly AppointmentRow[]): unknown;
  /** Several in one call that answers the rows. */
  createAppointmentsReturning(rows: readonly AppointmentRow[]): unknown;

  /** One by its key, in one call. Sets updated_at as the ORM does, or by hand. */
  updateAppointment(id: string, change: AppointmentChange): unknown;
  /** Loads the record, puts the change in and saves the whole of it, as a form does; updated_at too. */
  saveAppointment(id: string, change: AppointmentChange): unknown;
  /** Sets updated_at to now and nothing else. */
  touchAppointment(id: string): unknown;
  updateAppointmentsWhere(status: string, change: AppointmentChange): unknown;
  updateAppointmentsReturning(status: string, change: AppointmentChange): unknown;
  /** billing.visits = visits + by, by the ORM's increment or expression. */
  incrementVisits(billingId: number, by: number): unknown;
  /** service.price = price * factor for all services, by the ORM's expressions. */
  multiplyServicePrices(factor: number): unknown;
  /** appointment.price = the price of its service, for one location: UPDATE ... FROM by the ORM's builder. */
  repriceFromServices(locationId: number): unknown;

  /** Inserts the tag, or updates the color of the one that has its label. */
  upsertTag(tag: TagRow): unknown;
  /** The same for many in one statement. */
  upsertTags(tags: readonly TagRow[]): unknown;
  /** Inserts those whose label is not there yet. */
  createTagsIfAbsent(tags: readonly TagRow[]): unknown;
  /** visit_log(user_id, note, at) from the appointments (user_id, status, starts_at): INSERT ... SELECT. */
  copyAppointmentsToVisits(status: string): unknown;
  /** Inserts the tag in a WITH and reads it in the outer query, by the ORM's builder. */
  createTagInCte(tag: TagRow): unknown;

  /** Parent and children in one call. */
  createPlanWithItems(plan: PlanRow, items: readonly PlanItemRow[]): unknown;
  /** Parent and children with generated keys, in one call. */
  createAppointmentWithInvoices(row: AppointmentRow, invoices: readonly InvoiceRow[]): unknown;
  /** Sets appointment.service_id through the relation. */
  connectService(appointmentId: string, serviceId: number): unknown;
  /** Clears appointment.service_id through the relation. */
  disconnectService(appointmentId: string): unknown;
  /** Makes exactly these the appointment's invoices, through the relation; others lose their appointment_id. */
  setInvoices(appointmentId: string, invoiceIds: readonly number[]): unknown;

  linkTags(appointmentId: string, tagIds: readonly number[]): unknown;
  unlinkTags(appointmentId: string, tagIds: readonly number[]): unknown;
  /** Makes exactly these the appointment's tags. */
  setTags(appointmentId: string, tagIds: readonly number[]): unknown;
  clearTags(appointmentId: string): unknown;

  /** One by its key, in one call. Its invoices lose their appointment_id, its links go. */
  deleteAppointment(id: string): unknown;
  /** Loads the record and removes it. */
  removeAppointment(id: string): unknown;
  deleteAppointmentsWhere(status: string): unknown;
  /** Cascades over most of the tables. */
  deleteUser(id: string): unknown;
  /** Appointments and plan items lose their service_id. */
  deleteService(id: number): unknown;

  updatePlanItem(key: PlanItemKey, description: string): unknown;
  deletePlanItem(key: PlanItemKey): unknown;
  /** Changes the primary key of a tag. */
  changeTagId(from: number, to: number): unknown;

  createForm(form: FormRow): unknown;
  updateForm(id: number, answers: FormRow['answers']): unknown;
  createDocument(document: DocumentRow): unknown;
  updateDocument(id: string, change: Partial<Pick<DocumentRow, 'content' | 'body'>>): unknown;
  /** The table without a key. */
  createVisit(visit: VisitRow): unknown;
  updateVisits(note: string, to: string): unknown;
  deleteVisits(note: string): unknown;

  findAppointment(id: string): unknown;
  /** With service, invoices and tags where the ORM loads relations. */
  findAppointmentsOf(userId: string): unknown;
  countAppointments(status: string): unknown;

  /** A write as SQL, `$1` on PostgreSQL and `?` on SQLite; answers the ORM's count or result. */
  rawWrite(sql: string, values: readonly (string | number | null)[]): unknown;
  /** SQL that answers rows, perhaps a write with RETURNING. */
  rawRows(sql: string, values: readonly (string | number | null)[]): unknown;
}

export type ClinicAction = keyof ClinicActions | 'savepoint' | 'serializable';

/** Thrown inside a transaction to roll it back; whoever throws it catches it outside. */
export class RolledBack extends Error {
  readonly answers: readonly unknown[];

  constructor(answers: readonly unknown[]) {
    super('Rolled back, as was asked.');
    this.name = 'RolledBack';
    this.answers = answers;
  }
}

/** The steps of a work on an ORM whose transactions may be awaited. Throws `RolledBack` when that is the end. */
export async function takeSteps(work: ClinicWork, tx: ClinicTransaction): Promise<readonly unknown[]> {
  const answers: unknown[] = [];
  if (work.isTogether === true)
    answers.push(...(await Promise.all(work.steps.map(async (step) => step(tx)))));
  else for (const step of work.steps) answers.push(await step(tx));
  if (work.end === 'rollback') throw new RolledBack(answers);
  return answers;
}

/** What a transaction's steps answered, also when it was rolled back as asked. */
export async function endOf(transaction: Promise<readonly unknown[]>): Promise<readonly unknown[]> {
  try {
    return await transaction;
  } catch (error) {
    if (error instanceof RolledBack) return error.answers;
    throw error;
  }
}
