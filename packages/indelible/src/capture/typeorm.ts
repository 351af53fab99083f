import type { Catalogue } from '../event/actions.js';
import { AuditError } from '../event/errors.js';
import { captureOf } from '../trail/door.js';
import type { Audit } from '../trail/create-audit.js';
import type { Capturing } from './capturing.js';
import { attachModule } from './pg/attach/attach-module.js';
import type { AttachOptions } from './pg/attach/attachment.js';
import type { PgModuleLike } from './pg/attach/driver.js';
import { attachSqlite } from './sqlite/attach-sqlite.js';
import type { SqliteCaptureLike } from './sqlite/sqlite-capture-like.js';

/** Of a data source's options what is needed: on PostgreSQL `driver`, which is the module `pg` itself. */
export type TypeOrmOptions =
  | { readonly type: 'postgres'; readonly driver: PgModuleLike; readonly nativeDriver?: never }
  | { readonly type: 'better-sqlite3'; readonly prepareDatabase?: PrepareDatabase | undefined };

type PrepareDatabase = (database: never) => void | Promise<void>;

/**
 * The same options, so that every change made through the data source is captured, in the transaction it is
 * made in. On PostgreSQL they name the driver, `driver: pg`; for better-sqlite3 nothing is added.
 *
 * @example
 * ```ts
 * const dataSource = new DataSource(
 *   auditTypeOrm(audit, { type: 'postgres', driver: pg, url: 'postgres://localhost/clinic', entities: [Patient] }),
 * );
 * ```
 */
export function auditTypeOrm<C extends Catalogue, O extends TypeOrmOptions>(
  audit: Audit<C>,
  options: O,
  attach?: AttachOptions,
): O {
  const capturing = captureOf(audit);
  if (options.type === 'postgres') return { ...options, ...overPg(capturing, options.driver, attach) };
  if (options.type === 'better-sqlite3') {
    return { ...options, prepareDatabase: attaching(capturing, options.prepareDatabase) };
  }
  throw unsupported(options);
}

/** The native client would be taken in place of this module's own, and nothing be captured. */
function overPg(
  capturing: Capturing,
  driver: PgModuleLike | undefined,
  attach: AttachOptions | undefined,
): { driver: object } {
  if (driver === undefined) {
    throw new AuditError(
      'INVALID_OPTIONS',
      'TypeORM on PostgreSQL is captured over its driver, which the options do not name: add `driver: pg`, with `import pg from "pg"`.',
    );
  }
  return { driver: { ...attachModule(capturing, driver, attach), native: undefined } };
}

/** The application's own preparing comes first: what it sets up is no change. */
function attaching(capturing: Capturing, prepare: PrepareDatabase | undefined): PrepareDatabase {
  return async (database) => {
    await prepare?.(database);
    attachSqlite<SqliteCaptureLike>(capturing, database);
  };
}

function unsupported(options: { readonly type?: unknown }): AuditError {
  return new AuditError(
    'INVALID_OPTIONS',
    `TypeORM cannot be captured on "${String(options.type)}": it works on "postgres" and "better-sqlite3".`,
  );
}
