import { attachModule } from './capture/pg/attach/attach-module.js';
import type { AttachOptions } from './capture/pg/attach/attachment.js';
import type { PgModuleLike } from './capture/pg/attach/driver.js';
import type { Catalogue } from './event/actions.js';
import type { PgClientLike, PgPoolLike, PostgresStoreOptions } from './stores/postgres/options.js';
import { type PgPoolLike as OutboxPoolLike, PostgresOutbox } from './stores/postgres/postgres-outbox.js';
import { PostgresStore } from './stores/postgres/postgres-store.js';
import type { Store } from './stores/store.js';
import { captureOf } from './trail/door.js';
import type { Audit } from './trail/create-audit.js';
import type { Outbox } from './trail/outbox.js';

export type { AttachOptions, PgClientLike, PgModuleLike, PgPoolLike, PostgresStoreOptions };

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

/**
 * The module `pg` with a Client and a Pool that capture every change made through them: for code that uses `pg`
 * itself, and for whatever takes the module as its driver.
 *
 * @example
 * ```ts
 * const { Pool } = auditPg(audit, pg);
 * const pool = new Pool({ connectionString: 'postgres://localhost/clinic' });
 * await pool.query("UPDATE appointment SET status = 'completed' WHERE id = 91");
 * ```
 */
export function auditPg<C extends Catalogue, M extends PgModuleLike>(
  audit: Audit<C>,
  pg: M,
  options?: AttachOptions,
): M {
  return attachModule(captureOf(audit), pg, options);
}
