import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

import { appointments } from '../appointments/appointment.js';
import { times } from '../database/times.js';

export const INVOICE_STATUSES = ['draft', 'sent', 'paid', 'refunded', 'void'] as const;
export const METHODS = ['cash', 'card', 'transfer'] as const;

export const invoices = sqliteTable('invoices', {
  id: integer().primaryKey({ autoIncrement: true }),
  appointment: integer()
    .notNull()
    .references(() => appointments.id),
  /** In cents. */
  amount: integer().notNull(),
  status: text({ enum: INVOICE_STATUSES }).notNull().default('draft'),
  due_date: text().notNull(),
  ...times,
});

/** Money that came, and money that went back. */
export const payments = sqliteTable('payments', {
  id: integer().primaryKey({ autoIncrement: true }),
  invoice: integer()
    .notNull()
    .references(() => invoices.id),
  kind: text({ enum: ['payment', 'refund'] }).notNull(),
  /** In cents. */
  amount: integer().notNull(),
  /** Null for a refund. */
  method: text({ enum: METHODS }),
  ...times,
});

type Payment = typeof payments.$inferSelect;
/** An invoice with what was paid on it, and the patient of its appointment. */
export interface Invoice extends Readonly<typeof invoices.$inferSelect> {
  readonly patient: number;
  readonly payments: readonly Payment[];
}

export function invoiceLabel({ amount, due_date }: Readonly<Record<'amount' | 'due_date', unknown>>): string {
  return `Invoice of ${inUnits(amount)} due ${String(due_date)}`;
}

export function paymentLabel({ kind, amount }: Readonly<Record<'kind' | 'amount', unknown>>): string {
  return `${kind === 'refund' ? 'Refund' : 'Payment'} of ${inUnits(amount)}`;
}

function inUnits(cents: unknown): string {
  return (Number(cents) / 100).toFixed(2);
}

/** What has come in and not gone back, in cents. */
export function paidOf({ payments: made }: Pick<Invoice, 'payments'>): number {
  return made.reduce((sum, { kind, amount }) => sum + (kind === 'payment' ? amount : -amount), 0);
}

/** An invoice as the API shows it. */
export function invoiceAnswer(invoice: Invoice): object {
  const { id, appointment, patient, amount, status, due_date } = invoice;
  const made = invoice.payments.map(paymentAnswer);
  return { id, appointment, patient, amount, status, due_date, payments: made };
}

function paymentAnswer({ id, kind, amount, method, created_at }: Payment): object {
  return { id, kind, amount, method, created_at };
}
