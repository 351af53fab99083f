import type { Kept, Row } from '../database/tables.js';

export const INVOICE_STATUSES = ['draft', 'sent', 'paid', 'refunded', 'void'] as const;
export const METHODS = ['cash', 'card', 'transfer'] as const;

export interface InvoiceTable extends Kept {
  appointment: number;
  /** In cents. */
  amount: number;
  status: (typeof INVOICE_STATUSES)[number];
  due_date: string;
}

/** Money that came, and money that went back. */
export interface PaymentTable extends Kept {
  invoice: number;
  kind: 'payment' | 'refund';
  /** In cents. */
  amount: number;
  /** Null for a refund. */
  method: (typeof METHODS)[number] | null;
}

type Payment = Row<'payments'>;
/** An invoice with what was paid on it, and the patient of its appointment. */
export interface Invoice extends Row<'invoices'> {
  readonly patient: number;
  readonly payments: readonly Payment[];
}

export function invoiceLabel({ amount, due_date }: Readonly<Record<'amount' | 'due_date', unknown>>): string {
  return `Invoice of ${inUnits(amount)} due ${String(due_date)}`;
}

export function paymentLabel({ kind, amount }: Readonly<Record<'kind' | 'amount', unknown>>): string {
  return `${kind === 'refund' ? 'Refund' : 'Payment'} of ${inUnits(amount)}`;
}

export function inUnits(cents: unknown): string {
  return (Number(cents) / 100).toFixed(2);
}

/** What has come in and not gone back, in cents. */
export function paidOf({ payments: made }: Pick<Invoice, 'payments'>): number {
  return made.reduce((sum, { kind, amount }) => sum + (kind === 'payment' ? amount : -amount), 0);
}

export function paymentAnswer({ id, kind, amount, method, created_at }: Payment): object {
  return { id, kind, amount, method, created_at };
}
