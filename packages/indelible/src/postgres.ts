import type { PgClientLike, PgPoolLike, PostgresStoreOptions } from './stores/postgres/options.js';
import { type PgPoolLike as OutboxPoolLike, PostgresOutbox } from './stores/postgres/postgres-outbox.js';
import { PostgresStore } from './stores/postgres/postgres-store.js';
import type { Store } from './stores/store.js';
import type { Outbox } from './trail/outbox.js';

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

/**
 * An outbox in the application's own PostgreSQL database, so that an event commits or rolls back with its change.
 * `npx indelible migrate` makes its table. The relay takes one connection of the pool at a time.
 *
 * @example
 * ```ts
 * const audit = createAudit({ store, outbox: createPostgresOutbox(pool) });
 * const client = await pool.connect();
 * await client.query('BEGIN');
 * await audit.record({ action: 'UPDATE', target, before, after }, client);
 * await client.query('COMMIT');
 * client.release();
 * ```
 */
export function createPostgresOutbox(pool: OutboxPoolLike): Outbox {
  return new PostgresOutbox(pool);
}
