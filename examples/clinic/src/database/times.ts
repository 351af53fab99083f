import { text } from 'drizzle-orm/sqlite-core';

/** When a row was made, and when it was last saved. */
export const times = {
  created_at: text().notNull().$defaultFn(now),
  updated_at: text().notNull().$defaultFn(now),
};

export function now(): string {
  return new Date().toISOString();
}
