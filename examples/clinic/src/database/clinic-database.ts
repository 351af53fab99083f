import type { SqlConnection } from 'indelible';
import { CompiledQuery, type Kysely, PostgresAdapter, type SelectQueryBuilder } from 'kysely';

import type { Tables } from './tables.js';

/** The clinic's data through Kysely: all connections, or the one that a transaction is open on. */
export type Db = Kysely<Tables>;

/** The transaction that is open here, as a connection to record by. */
export function connectionOf(db: Db): SqlConnection {
  return { query: (text, params) => db.executeQuery(CompiledQuery.raw(text, [...params])) };
}

/**
 * Holds the rows that a transaction reads until it ends, so that what was read is still true when it is acted on.
 * SQLite runs one transaction at a time, and has no word for it.
 */
export function held<D, T extends keyof D, O>(
  db: Db,
  query: SelectQueryBuilder<D, T, O>,
): SelectQueryBuilder<D, T, O> {
  return db.getExecutor().adapter instanceof PostgresAdapter ? query.forUpdate() : query;
}

export function now(): string {
  return new Date().toISOString();
}
