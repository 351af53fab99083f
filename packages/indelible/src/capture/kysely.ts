import type { Catalogue } from '../event/actions.js';
import type { Audit } from '../trail/create-audit.js';
import { attachDriver, type CapturedDriver } from './attach-driver.js';
import type { AttachOptions } from './pg/attach/attachment.js';

/**
 * The same pool of `pg` or database of better-sqlite3, for Kysely's `PostgresDialect` or `SqliteDialect`, with
 * every change made through it captured, in the transaction it is made in.
 *
 * @example
 * ```ts
 * const pool = auditKysely(audit, new pg.Pool({ connectionString: 'postgres://localhost/clinic' }));
 * const db = new Kysely<ClinicDb>({ dialect: new PostgresDialect({ pool }) });
 * ```
 */
export function auditKysely<C extends Catalogue, D extends CapturedDriver>(
  audit: Audit<C>,
  driver: D,
  options?: AttachOptions,
): D {
  return attachDriver(audit, driver, 'auditKysely', options);
}
