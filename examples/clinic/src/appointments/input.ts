import { z } from 'zod';

import { STATUSES } from './appointment.js';

const id = z.number().int().positive();
const date = z.iso.date();
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 09:30');
const reason = z.string().trim().min(1).max(1000);
const details = {
  dentist: id.nullable().default(null),
  location: id.nullable().default(null),
  date,
  time,
  type: z.string().trim().min(1).max(50),
  notes: z.string().max(5000).default(''),
};

/** What staff book for a patient. */
export const NewAppointment = z.strictObject({
  patient: id,
  ...details,
  status: z.enum(STATUSES).default('confirmed'),
});
export type NewAppointment = z.infer<typeof NewAppointment>;

/** What patients book: for themselves, so they need not say for whom. */
export const Booking = z.strictObject({ patient: id.optional(), ...details });

/** Answered by every GET, so that what was read can be sent back. */
const fixed = { id: z.number().optional() };
export const AppointmentReplacement = z.strictObject({
  ...fixed,
  patient: id,
  ...details,
  status: z.enum(STATUSES),
});

export const AppointmentChanges = z
  .strictObject({
    ...fixed,
    patient: id,
    dentist: id.nullable(),
    location: id.nullable(),
    date,
    time,
    type: details.type,
    status: z.enum(STATUSES),
    notes: z.string().max(5000),
  })
  .partial();
export type AppointmentChanges = z.infer<typeof AppointmentChanges>;

const wanted = z.coerce.number().int().positive().optional();
/** What a list of appointments can be narrowed by. */
export const AppointmentFilter = z.strictObject({
  patient: wanted,
  dentist: wanted,
  location: wanted,
  date: z.iso.date().optional(),
  status: z.enum(STATUSES).optional(),
});
export type AppointmentFilter = z.infer<typeof AppointmentFilter>;

export const Cancellation = z.strictObject({ reason });
export const Rescheduling = z.strictObject({ date, time, reason: reason.optional() });
export type Rescheduling = z.infer<typeof Rescheduling>;
export const Completion = z.strictObject({}).optional();
