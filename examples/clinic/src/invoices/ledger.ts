import { and, count, desc, eq, getTableColumns, inArray, type SQL } from 'drizzle-orm';

import { appointments } from '../appointments/appointment.js';
import type { ClinicDatabase } from '../database/clinic-database.js';
import type { Slice } from '../database/rows.js';
import { type Invoice, invoices, payments } from './invoice.js';
import type { InvoiceFilter } from './input.js';

const WITH_PATIENT = { ...getTableColumns(invoices), patient: appointments.patient };

/** Reads invoices together with their payments and their patients. */
export class Ledger {
  readonly #db: ClinicDatabase;

  constructor(db: ClinicDatabase) {
    this.#db = db;
  }

  find(id: number): Invoice | undefined {
    return this.#select(eq(invoices.id, id), { limit: 1, offset: 0 })[0];
  }

  list(asked: readonly InvoiceFilter[], slice: Slice): { rows: Invoice[]; count: number } {
    const where = and(...asked.flatMap(conditionsOf));
    return { rows: this.#select(where, slice), count: this.#count(where) };
  }

  #select(where: SQL | undefined, { limit, offset }: Slice): Invoice[] {
    const rows = this.#db
      .select(WITH_PATIENT)
      .from(invoices)
      .innerJoin(appointments, eq(appointments.id, invoices.appointment))
      .where(where)
      .orderBy(desc(invoices.id))
      .limit(limit)
      .offset(offset)
      .all();
    const ids = rows.map(({ id }) => id);
    const made = this.#db.select().from(payments).where(inArray(payments.invoice, ids)).orderBy(payments.id);
    const all = made.all();
    return rows.map((row) => ({ ...row, payments: all.filter(({ invoice }) => invoice === row.id) }));
  }

  #count(where: SQL | undefined): number {
    const joined = this.#db
      .select({ rows: count() })
      .from(invoices)
      .innerJoin(appointments, eq(appointments.id, invoices.appointment));
    return joined.where(where).get()?.rows ?? 0;
  }
}

function conditionsOf({ patient, appointment, status }: InvoiceFilter): (SQL | undefined)[] {
  return [
    patient === undefined ? undefined : eq(appointments.patient, patient),
    appointment === undefined ? undefined : eq(invoices.appointment, appointment),
    status === undefined ? undefined : eq(invoices.status, status),
  ];
}
