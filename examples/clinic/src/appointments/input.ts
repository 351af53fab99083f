import { z } from 'zod';

import { recordId, inputsOf, line, reason, text, wanted } from '../collections/input.js';
import { STATUSES } from './appointment.js';

const date = z.iso.date();
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 09:30');
const details = {
  dentist: recordId.nullable().default(null),
  location: recordId.nullable().default(null),
  date,
  time,
  type: line(50),
  notes: text(5_000),
};

/** What staff book for a patient. */
export const inputs = inputsOf({
  patient: recordId,
  ...details,
  status: z.enum(STATUSES).default('confirmed'),
});
export type NewAppointment = z.infer<typeof inputs.create>;

/** What patients book for themselves. */
export const Booking = z.strictObject({ patient: recordId, ...details });

/** What a list of appointments can be narrowed by. */
export const filter = {
  patient: wanted,
  dentist: wanted,
  location: wanted,
  date: z.iso.date().optional(),
  status: z.enum(STATUSES).optional(),
};

export const Cancellation = z.strictObject({ reason });
export const Rescheduling = z.strictObject({ date, time, reason: reason.optional() });
export type Rescheduling = z.infer<typeof Rescheduling>;
export const Completion = z.strictObject({}).optional();
