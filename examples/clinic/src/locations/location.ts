import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

import { times } from '../database/times.js';

/** The places where the clinic works. */
export const locations = sqliteTable('locations', {
  id: integer().primaryKey({ autoIncrement: true }),
  name: text().notNull(),
  address: text().notNull(),
  timezone: text().notNull(),
  ...times,
});

export type Location = typeof locations.$inferSelect;
