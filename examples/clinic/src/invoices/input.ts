import { z } from 'zod';

import { cents, recordId, inputsOf, reason, wanted } from '../collections/input.js';
import { INVOICE_STATUSES, METHODS } from './invoice.js';

const made = { appointment: recordId, amount: cents, due_date: z.iso.date() };

/** An invoice stays with its appointment; the rest of what is shown follows from it, and from what was paid. */
export const FIXED = ['appointment', 'patient', 'payments'];
const created = inputsOf({ ...made, status: z.enum(['draft', 'sent']).default('draft') }, FIXED);
/** Paid and refunded it becomes by the money alone. */
const changed = inputsOf({ ...made, status: z.enum(['sent', 'void']) }, FIXED);
/** As it is, it may be put back. */
const replaced = inputsOf({ ...made, status: z.enum(INVOICE_STATUSES) }, FIXED);
export const inputs = { create: created.create, change: changed.change, replace: replaced.replace };

export const NewPayment = z.strictObject({ amount: cents, method: z.enum(METHODS) });
export type NewPayment = z.infer<typeof NewPayment>;

export const Refund = z.strictObject({ amount: cents, reason });
export type Refund = z.infer<typeof Refund>;

/** What a list of invoices can be narrowed by. */
export const filter = {
  patient: wanted,
  appointment: wanted,
  status: z.enum(INVOICE_STATUSES).optional(),
};
