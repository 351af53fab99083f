import { eq } from 'drizzle-orm';

import type { Appointments } from '../appointments/appointments.js';
import type { About } from '../audit.js';
import type { Rows, Slice } from '../database/rows.js';
import { now } from '../database/times.js';
import type { ClinicParts } from '../parts.js';
import { demand, invalid, Problem, there } from '../problem.js';
import { mayInvoice, mayReadInvoice } from '../users/rights.js';
import type { User } from '../users/user.js';
import type { InvoiceChanges, InvoiceFilter, NewInvoice, NewPayment, Refund } from './input.js';
import { type Invoice, invoiceLabel, invoices, paidOf, payments } from './invoice.js';
import { Ledger } from './ledger.js';

export interface InvoiceParts extends ClinicParts {
  readonly appointments: Appointments;
}

/** What appointments cost, and what was paid: written by the office, and read by the patient too. */
export class Invoices {
  readonly #parts: InvoiceParts;
  readonly #ledger: Ledger;

  constructor(parts: InvoiceParts) {
    this.#parts = parts;
    this.#ledger = new Ledger(parts.db);
  }

  list(by: User, asked: InvoiceFilter, slice: Slice): Rows<Invoice> {
    const patient = by.user_type === 'patient' ? by.id : undefined;
    demand(mayReadInvoice(by, patient));
    return this.#ledger.list([asked, { patient }], slice);
  }

  read(by: User, id: number): Invoice {
    const invoice = this.#need(id);
    demand(mayReadInvoice(by, invoice.patient), { attempted: 'READ', ...this.#about(invoice) });
    return invoice;
  }

  draw(by: User, input: NewInvoice): Invoice {
    const { db, appointments } = this.#parts;
    demand(mayInvoice(by));
    if (appointments.find(input.appointment) === undefined)
      throw invalid('appointment', 'must be the id of an appointment');
    return this.#need(db.insert(invoices).values(input).returning().get().id);
  }

  /** What a draft says can change; an invoice that was sent can only become void, as long as nothing was paid. */
  update(by: User, id: number, changes: InvoiceChanges): Invoice {
    const invoice = this.#writable(by, id, 'UPDATE');
    const isOpen = invoice.status === 'draft' || (invoice.status === 'sent' && paidOf(invoice) === 0);
    const isVoiding = changes.status === 'void' && Object.keys(changes).length === 1;
    if (isVoiding ? !isOpen : invoice.status !== 'draft') throw unfit(invoice, 'a draft');
    return this.#save(id, changes);
  }

  remove(by: User, id: number): void {
    const invoice = this.#writable(by, id, 'DELETE');
    if (invoice.status !== 'draft') throw unfit(invoice, 'a draft');
    this.#parts.db.delete(invoices).where(eq(invoices.id, id)).run();
  }

  /** The payment, and the status that follows from it once everything is paid. */
  pay(by: User, id: number, { amount, method }: NewPayment): Invoice {
    return this.#together(() => {
      const invoice = this.#writable(by, id, 'UPDATE');
      if (invoice.status !== 'sent') throw unfit(invoice, 'an invoice that was sent');
      const owed = invoice.amount - paidOf(invoice);
      if (amount > owed) throw invalid('amount', `must not be more than the ${owed} that are owed`);
      const { db } = this.#parts;
      db.insert(payments).values({ invoice: id, kind: 'payment', amount, method }).run();
      return amount === owed ? this.#save(id, { status: 'paid' }) : this.#need(id);
    });
  }

  refund(by: User, id: number, { amount, reason }: Refund): Invoice {
    const { audit, db } = this.#parts;
    return audit.run({ reason }, () =>
      this.#together(() => {
        const invoice = this.#writable(by, id, 'UPDATE');
        if (invoice.status !== 'paid') throw unfit(invoice, 'a paid invoice');
        const paid = paidOf(invoice);
        if (amount > paid) throw invalid('amount', `must not be more than the ${paid} that were paid`);
        db.insert(payments).values({ invoice: id, kind: 'refund', amount }).run();
        return amount === paid ? this.#save(id, { status: 'refunded' }) : this.#need(id);
      }),
    );
  }

  #together<T>(work: () => T): T {
    return this.#parts.db.transaction(work, { behavior: 'immediate' });
  }

  #need(id: number): Invoice {
    return there(this.#ledger.find(id), 'invoice', id);
  }

  #save(id: number, changes: InvoiceChanges | Pick<Invoice, 'status'>): Invoice {
    const set = { ...changes, updated_at: now() };
    this.#parts.db.update(invoices).set(set).where(eq(invoices.id, id)).run();
    return this.#need(id);
  }

  #writable(by: User, id: number, attempted: string): Invoice {
    const invoice = this.#need(id);
    demand(mayInvoice(by), { attempted, ...this.#about(invoice) });
    return invoice;
  }

  #about(invoice: Invoice): About {
    const target = { type: 'Invoice', id: String(invoice.id), label: invoiceLabel(invoice) } as const;
    return { target, ...this.#parts.directory.subject(invoice.patient) };
  }
}

function unfit({ status }: Invoice, needed: string): Problem {
  return new Problem(409, `This needs ${needed}; this one is ${status}.`);
}
