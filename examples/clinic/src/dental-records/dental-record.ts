import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

import { times } from '../database/times.js';
import { users } from '../users/user.js';

/** What was found and done. */
export const dentalRecords = sqliteTable('dental_records', {
  id: integer().primaryKey({ autoIncrement: true }),
  patient: integer()
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' }),
  dentist: integer().references(() => users.id, { onDelete: 'set null' }),
  diagnosis: text().notNull(),
  treatment: text().notNull(),
  notes: text().notNull().default(''),
  ...times,
});

export type DentalRecord = typeof dentalRecords.$inferSelect;

/** Nothing of what was found: a label is read by more people than a record. */
export function dentalRecordLabel({ created_at }: Readonly<Record<'created_at', unknown>>): string {
  return `Dental record of ${String(created_at).slice(0, 10)}`;
}

/** A dental record as the API shows it. */
export function dentalRecordAnswer(record: DentalRecord): object {
  const { id, patient, dentist, diagnosis, treatment, notes, created_at } = record;
  return { id, patient, dentist, diagnosis, treatment, notes, created_at };
}
