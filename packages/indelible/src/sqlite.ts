import { SqliteStore, type SqliteStoreOptions } from './stores/sqlite/sqlite-store.js';
import type { Store } from './stores/store.js';

export type { SqliteStoreOptions };

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
