import type { Catalogue } from '../event/actions.js';
import { AuditError } from '../event/errors.js';
import { captureOf } from '../trail/door.js';
import type { Audit } from '../trail/create-audit.js';
import { attachPool } from './pg/attach/attach-pool.js';
import type { AttachOptions } from './pg/attach/attachment.js';
import type { PgPoolLike } from './pg/attach/driver.js';
import { attachSqlite } from './sqlite/attach-sqlite.js';
import type { SqliteCaptureLike } from './sqlite/sqlite-capture-like.js';

/** The drivers that can be captured: a pool of `pg`, or a database of better-sqlite3. */
export type CapturedDriver = PgPoolLike | SqliteCaptureLike;

/** Attaches to either driver and gives it back; refuses any other in the name of the adapter. The options are for `pg`. */
export function attachDriver<C extends Catalogue, D extends CapturedDriver>(
  audit: Audit<C>,
  driver: D,
  adapter: string,
  options?: AttachOptions,
): D {
  const capturing = captureOf(audit);
  if (isPool(driver)) attachPool(capturing, driver, options);
  else if (isDatabase(driver)) attachSqlite(capturing, driver);
  else throw unsupported(driver, adapter);
  return driver;
}

function isPool(driver: unknown): driver is PgPoolLike {
  return has(driver, 'connect', 'function') && has(driver, 'totalCount', 'number');
}

function isDatabase(driver: unknown): driver is SqliteCaptureLike {
  return has(driver, 'prepare', 'function') && has(driver, 'inTransaction', 'boolean');
}

function has(driver: unknown, name: string, type: string): boolean {
  return typeof driver === 'object' && driver !== null && typeof Reflect.get(driver, name) === type;
}

function unsupported(driver: unknown, adapter: string): AuditError {
  const found = driver instanceof Object ? driver.constructor.name : String(driver);
  return new AuditError(
    'INVALID_OPTIONS',
    `${adapter} was given a driver it cannot capture (${found}): give it a Pool of pg or a Database of better-sqlite3, and the ORM what it answers.`,
  );
}
