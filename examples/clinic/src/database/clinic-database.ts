import type Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { auditDrizzle } from 'indelible/drizzle';

import type { ClinicAudit } from '../audit.js';

export type ClinicDatabase = ReturnType<typeof openClinicDatabase>;

/** The clinic's data through Drizzle. Whatever changes a row is recorded, in the transaction that changes it. */
export function openClinicDatabase(audit: ClinicAudit, client: Database.Database) {
  return drizzle({ client: auditDrizzle(audit, client) });
}
