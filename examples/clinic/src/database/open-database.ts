import Database from 'better-sqlite3';
import type { Outbox } from 'indelible';
import { auditKysely } from 'indelible/kysely';
import { createPostgresOutbox } from 'indelible/postgres';
import { createSqliteOutbox } from 'indelible/sqlite';
import { Kysely, PostgresDialect, SqliteDialect } from 'kysely';
import pg from 'pg';

import type { ClinicAudit } from '../audit.js';
import type { Db } from './clinic-database.js';
import { migratePostgres, migrateSqlite } from './migrate.js';
import type { Tables } from './tables.js';

/** The clinic's own database, with its schema up to date. */
export interface OpenDatabase {
  /** Events of a change are committed there together with it. */
  readonly outbox: Outbox;
  /** The data. Whatever changes a row is recorded, in the transaction that changes it. */
  capturedBy(audit: ClinicAudit): Db;
  /** So much can be done at the same time. */
  readonly lanes: number;
  /** Runs work that a power cut may spoil, and the database with it: the filling of an empty clinic. */
  hastily<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export async function openSqlite(path: string): Promise<OpenDatabase> {
  const database = new Database(path);
  for (const pragma of [
    'busy_timeout = 5000',
    'journal_mode = WAL',
    'synchronous = FULL',
    'foreign_keys = ON',
  ]) {
    database.pragma(pragma);
  }
  migrateSqlite(database);
  const outbox = createSqliteOutbox(database);
  await outbox.migrate();
  return {
    outbox,
    lanes: 1,
    hastily: async (work) => {
      database.pragma('synchronous = OFF');
      try {
        return await work();
      } finally {
        database.pragma('synchronous = FULL');
        database.pragma('wal_checkpoint(TRUNCATE)');
      }
    },
    capturedBy: (audit) =>
      new Kysely<Tables>({ dialect: new SqliteDialect({ database: auditKysely(audit, database) }) }),
    close: async () => void database.close(),
  };
}

/** The relay has connections of its own: while it stores a batch it holds one. */
export async function openPostgres(connectionString: string): Promise<OpenDatabase> {
  const pool = new pg.Pool({ connectionString, max: 10 });
  const relay = new pg.Pool({ connectionString, max: 2 });
  // A connection that breaks while nobody uses it is replaced by the next call: no reason for the process to end.
  for (const each of [pool, relay]) each.on('error', (error) => console.error(error.message));
  await migratePostgres(relay);
  const outbox = createPostgresOutbox(relay);
  await outbox.migrate();
  return {
    outbox,
    lanes: 8,
    hastily: (work) => work(),
    capturedBy: (audit) =>
      new Kysely<Tables>({ dialect: new PostgresDialect({ pool: auditKysely(audit, pool) }) }),
    close: async () => {
      await Promise.all([pool.end(), relay.end()]);
    },
  };
}
