import type { Appointments } from '../appointments/appointments.js';
import type { About } from '../audit.js';
import { Collection } from '../collections/collection.js';
import { MONEY } from '../collections/rights.js';
import type { Db } from '../database/clinic-database.js';
import type { Rows, Slice, Wanted } from '../database/records.js';
import type { Row, Some } from '../database/tables.js';
import type { ClinicParts } from '../parts.js';
import { invalid, Problem } from '../problem.js';
import type { User } from '../users/user.js';
import { FIXED, type NewPayment, type Refund } from './input.js';
import { type Invoice, invoiceLabel, paidOf, paymentAnswer } from './invoice.js';

export interface InvoiceParts extends ClinicParts {
  readonly appointments: Appointments;
}

type InvoiceRow = Row<'invoices'>;
type Changes = Some<Pick<InvoiceRow, 'amount' | 'due_date' | 'status'>>;

/** What appointments cost, and what was paid: written by the office, and read by the patient of the appointment too. */
export class Invoices extends Collection<'invoices', Invoice> {
  readonly #appointments: Appointments;

  constructor(parts: InvoiceParts) {
    super(parts, {
      table: 'invoices',
      model: 'Invoice',
      name: 'invoice',
      rights: MONEY,
      own: 'patient',
      fixed: FIXED,
      label: invoiceLabel,
      shown: ['id', 'appointment', 'amount', 'status', 'due_date'],
    });
    this.#appointments = parts.appointments;
  }

  /** What a draft says can change; an invoice that was sent can only become void, as long as nothing was paid. */
  override update(by: User, id: number, ask: () => Changes): Promise<Invoice> {
    return this.#together(by, id, async (db, invoice) => {
      const changes = differing(invoice, this.changing(invoice, ask()));
      if (Object.keys(changes).length === 0) return invoice;
      const { status } = changes;
      if (status !== undefined && status !== 'sent' && status !== 'void')
        throw invalid('status', 'becomes paid and refunded by pay and refund alone, and draft never again');
      const isOpen = invoice.status === 'draft' || (invoice.status === 'sent' && paidOf(invoice) === 0);
      const isVoiding = status === 'void' && Object.keys(changes).length === 1;
      if (isVoiding ? !isOpen : invoice.status !== 'draft') throw unfit(invoice, 'a draft');
      return this.one(db, await this.save(db, id, changes));
    });
  }

  override async remove(by: User, id: number): Promise<void> {
    await this.parts.acts.together(async (db) => {
      const invoice = await this.allowed(db, by, id, 'delete', 'DELETE');
      if (invoice.status !== 'draft') throw unfit(invoice, 'a draft');
      await this.records.remove(db, id);
    });
  }

  /** The payment, and the status that follows from it once everything is paid. */
  pay(by: User, id: number, { amount, method }: NewPayment): Promise<Invoice> {
    return this.#together(by, id, async (db, invoice) => {
      if (invoice.status !== 'sent') throw unfit(invoice, 'an invoice that was sent');
      const owed = invoice.amount - paidOf(invoice);
      if (amount > owed) throw invalid('amount', `must not be more than the ${owed} that are owed`);
      await db.insertInto('payments').values({ invoice: id, kind: 'payment', amount, method }).execute();
      return this.#settled(db, invoice, amount === owed ? 'paid' : undefined);
    });
  }

  refund(by: User, id: number, { amount, reason }: Refund): Promise<Invoice> {
    return this.parts.audit.run({ reason }, () =>
      this.#together(by, id, async (db, invoice) => {
        if (invoice.status !== 'paid') throw unfit(invoice, 'a paid invoice');
        const paid = paidOf(invoice);
        if (amount > paid) throw invalid('amount', `must not be more than the ${paid} that were paid`);
        await db
          .insertInto('payments')
          .values({ invoice: id, kind: 'refund', amount, method: null })
          .execute();
        return this.#settled(db, invoice, amount === paid ? 'refunded' : undefined);
      }),
    );
  }

  /** Refuses an id that is no invoice of this patient. */
  async checkOf(patient: number | undefined, id: number | undefined, db: Db): Promise<void> {
    if (id === undefined) return;
    const row = await this.find(id, db);
    if (row === undefined || (await this.#patientOf(db, row)) !== patient)
      throw invalid('invoice', 'must be the id of an invoice of this patient');
  }

  override answer(invoice: Invoice): object {
    const { id, appointment, patient, amount, status, due_date, payments } = invoice;
    return { id, appointment, patient, amount, status, due_date, payments: payments.map(paymentAnswer) };
  }

  /** Whose an invoice is, stands in its appointment. */
  protected override async page(
    _by: User,
    wanted: readonly Wanted[],
    { limit, offset }: Slice,
  ): Promise<Rows<InvoiceRow>> {
    let found = this.parts.db
      .selectFrom('invoices')
      .innerJoin('appointments', 'appointments.id', 'invoices.appointment');
    for (const { patient, appointment, status } of wanted as readonly Some<Invoice>[]) {
      if (patient !== undefined) found = found.where('appointments.patient', '=', patient);
      if (appointment !== undefined) found = found.where('invoices.appointment', '=', appointment);
      if (status !== undefined) found = found.where('invoices.status', '=', status);
    }
    const counted = await found.select(({ fn }) => fn.countAll().as('count')).executeTakeFirst();
    const page = found.selectAll('invoices').orderBy('invoices.id', 'desc').limit(limit).offset(offset);
    return { rows: await page.execute(), count: Number(counted?.count ?? 0) };
  }

  protected override async whole(db: Db, rows: readonly InvoiceRow[]): Promise<Invoice[]> {
    if (rows.length === 0) return [];
    const ids = rows.map(({ id }) => id);
    const visits = rows.map(({ appointment }) => appointment);
    const made = await db
      .selectFrom('payments')
      .selectAll()
      .where('invoice', 'in', ids)
      .orderBy('id')
      .execute();
    const of = await db
      .selectFrom('appointments')
      .select(['id', 'patient'])
      .where('id', 'in', visits)
      .execute();
    const patients = new Map(of.map(({ id, patient }) => [id, patient]));
    return rows.map((row) => {
      const payments = made.filter(({ invoice }) => invoice === row.id);
      return { ...row, patient: patients.get(row.appointment) ?? 0, payments };
    });
  }

  protected override async check(db: Db, { appointment }: Some<InvoiceRow>): Promise<void> {
    await this.#appointments.checkThere('appointment', appointment, db);
  }

  protected override async isOwn(db: Db, by: User, row: InvoiceRow): Promise<boolean> {
    return (await this.#patientOf(db, row)) === by.id;
  }

  protected override async subject(row: InvoiceRow, db: Db): Promise<Partial<About>> {
    const patient = await this.#patientOf(db, row);
    return patient === undefined ? {} : this.parts.directory.subject(patient, db);
  }

  async #patientOf(db: Db, { appointment }: InvoiceRow): Promise<number | undefined> {
    return (await this.#appointments.find(appointment, db))?.patient;
  }

  /** One save: nobody else pays the same invoice at the same time. */
  #together(by: User, id: number, work: (db: Db, invoice: Invoice) => Promise<Invoice>): Promise<Invoice> {
    return this.parts.acts.together(async (db) =>
      work(db, await this.one(db, await this.allowed(db, by, id, 'update', 'UPDATE'))),
    );
  }

  async #settled(db: Db, invoice: Invoice, status: 'paid' | 'refunded' | undefined): Promise<Invoice> {
    return this.one(db, status === undefined ? invoice : await this.save(db, invoice.id, { status }));
  }
}

function differing(invoice: Invoice, changes: Changes): Changes {
  const fields = Object.entries(changes).filter(
    ([field, value]) => value !== invoice[field as keyof Changes],
  );
  return Object.fromEntries(fields);
}

function unfit({ status }: InvoiceRow, needed: string): Problem {
  return new Problem(409, `This needs ${needed}; this one is ${status}.`);
}
