import type { PgClientLike, PgPoolLike, PostgresStoreOptions } from './stores/postgres/options.js';
import { PostgresStore } from './stores/postgres/postgres-store.js';
import type { Store } from './stores/store.js';

export type { PgClientLike, PgPoolLike, PostgresStoreOptions };

/**
 * The trail in a PostgreSQL database of its own, 15 or later. Its schema is made by `npx indelible migrate`.
 * Needs the packages `pg` and `pg-copy-streams`.
 *
 * @example
 * ```ts
 * const audit = createAudit({
 *   store: createPostgresStore({ connectionString: 'postgres://trail_writer@db.example/trail' }),
 * });
 * ```
 */
export function createPostgresStore(options: PostgresStoreOptions): Store {
  return new PostgresStore(options);
}
