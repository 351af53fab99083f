import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

import { times } from '../database/times.js';
import { locations } from '../locations/location.js';
import { users } from '../users/user.js';

export const STATUSES = ['confirmed', 'completed', 'cancelled', 'no_show'] as const;

export const appointments = sqliteTable('appointments', {
  id: integer().primaryKey({ autoIncrement: true }),
  patient: integer()
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' }),
  /** Null until somebody has been found. */
  dentist: integer().references(() => users.id, { onDelete: 'set null' }),
  location: integer().references(() => locations.id),
  date: text().notNull(),
  time: text().notNull(),
  type: text().notNull(),
  status: text({ enum: STATUSES }).notNull().default('confirmed'),
  notes: text().notNull().default(''),
  ...times,
});

export type Appointment = typeof appointments.$inferSelect;

type Fields<K extends keyof Appointment> = Readonly<Record<K, unknown>>;

export function momentOf({ date, time }: Fields<'date' | 'time'>): string {
  return `${String(date)} ${String(time)}`;
}

export function appointmentLabel(appointment: Fields<'type' | 'date' | 'time'>): string {
  return `${String(appointment.type)} on ${momentOf(appointment)}`;
}

/** An appointment as the API shows it. */
export function appointmentAnswer(appointment: Appointment): object {
  const { id, patient, dentist, location, date, time, type, status, notes } = appointment;
  return { id, patient, dentist, location, date, time, type, status, notes };
}
