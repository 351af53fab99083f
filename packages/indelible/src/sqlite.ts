import { attachSqlite } from './capture/sqlite/attach-sqlite.js';
import type { SqliteCaptureLike } from './capture/sqlite/sqlite-capture-like.js';
import type { Catalogue } from './event/actions.js';
import { SqliteConnection, type SqliteDatabaseLike, SqliteOutbox } from './stores/sqlite/sqlite-outbox.js';
import { SqliteStore, type SqliteStoreOptions } from './stores/sqlite/sqlite-store.js';
import type { SqlConnection, Store } from './stores/store.js';
import { captureOf } from './trail/door.js';
import type { Audit } from './trail/create-audit.js';
import type { Outbox } from './trail/outbox.js';

export type { SqliteCaptureLike, SqliteDatabaseLike, SqliteStoreOptions };

/**
 * The trail in a SQLite file of its own: the embedded default. The file and its schema are made with the first use.
 *
 * @example
 * ```ts
 * const audit = createAudit({ store: createSqliteStore({ path: './audit.db' }) });
 * ```
 */
export function createSqliteStore(options: SqliteStoreOptions): Store {
  return new SqliteStore(options);
}

/**
 * An outbox in the application's own better-sqlite3 database, so that an event commits or rolls back with its change.
 *
 * @example
 * ```ts
 * const audit = createAudit({ store, outbox: createSqliteOutbox(db) });
 * db.transaction(() => {
 *   db.prepare('UPDATE appointment SET status = ? WHERE id = ?').run('completed', 91);
 *   audit.recordSync({ action: 'UPDATE', target, before, after }, fromSqlite(db));
 * })();
 * ```
 */
export function createSqliteOutbox(db: SqliteDatabaseLike): Outbox {
  return new SqliteOutbox(db);
}

/** A better-sqlite3 database, with whatever transaction is open on it, as a connection to record by. */
export function fromSqlite(db: SqliteDatabaseLike): SqlConnection {
  return new SqliteConnection(db);
}

/**
 * Captures every change made through a better-sqlite3 database from here on: its statements need no change.
 * Gives the database back.
 *
 * @example
 * ```ts
 * const audit = createAudit({ store, outbox: createSqliteOutbox(db) });
 * auditSqlite(audit, db);
 * db.prepare('UPDATE appointment SET status = ? WHERE id = ?').run('completed', 91);
 * ```
 */
export function auditSqlite<C extends Catalogue, D extends SqliteCaptureLike>(audit: Audit<C>, db: D): D {
  return attachSqlite(captureOf(audit), db);
}
