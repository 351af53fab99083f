import { z } from 'zod';

import { INVOICE_STATUSES, METHODS } from './invoice.js';

const id = z.number().int().positive();
/** In cents. */
const amount = z.number().int().positive().max(100_000_000);

export const NewInvoice = z.strictObject({
  appointment: id,
  amount,
  due_date: z.iso.date(),
  status: z.enum(['draft', 'sent']).default('draft'),
});
export type NewInvoice = z.infer<typeof NewInvoice>;

/** Paid and refunded it becomes by the money alone. */
export const InvoiceChanges = z
  .strictObject({ amount, due_date: z.iso.date(), status: z.enum(['sent', 'void']) })
  .partial();
export type InvoiceChanges = z.infer<typeof InvoiceChanges>;

export const NewPayment = z.strictObject({ amount, method: z.enum(METHODS) });
export type NewPayment = z.infer<typeof NewPayment>;

export const Refund = z.strictObject({ amount, reason: z.string().trim().min(1).max(1000) });
export type Refund = z.infer<typeof Refund>;

const wanted = z.coerce.number().int().positive().optional();
/** What a list of invoices can be narrowed by. */
export const InvoiceFilter = z.strictObject({
  patient: wanted,
  appointment: wanted,
  status: z.enum(INVOICE_STATUSES).optional(),
});
export type InvoiceFilter = z.infer<typeof InvoiceFilter>;
