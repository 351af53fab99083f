import { count, type SQL } from 'drizzle-orm';
import type { SQLiteTable } from 'drizzle-orm/sqlite-core';

import type { ClinicDatabase } from './clinic-database.js';

/** Which rows of a list make its page. */
export interface Slice {
  readonly limit: number;
  readonly offset: number;
}

export interface Rows<Row> {
  readonly rows: readonly Row[];
  /** How many match in all. */
  readonly count: number;
}

export function countOf(db: ClinicDatabase, table: SQLiteTable, where: SQL | undefined): number {
  return db.select({ rows: count() }).from(table).where(where).get()?.rows ?? 0;
}
