import { readFileSync } from 'node:fs';

import { AuditError } from '../../event/errors.js';
import { type Migration, readMigrations } from '../migrations.js';
import type { MigrationState } from '../store.js';
import type { Connection } from './connections.js';
import type { PostgresSettings } from './options.js';

/** Held to the end of the transaction, so that two processes migrate one after the other. */
const LOCK = 'SELECT pg_advisory_xact_lock(7954885183361)';

/** The functions keep the schema they were made in; pg_temp comes last, so that nothing in it is taken for ours. */
const SCHEMA = `SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true)`;

const MONTHS = `SELECT indelible_make_partitions(
  ((now() AT TIME ZONE 'UTC') - make_interval(months => $1::int))::date, $1::int + $2::int)`;

const HAS_ROLES = `SELECT 1 FROM pg_class
  WHERE oid = to_regclass('indelible_event') AND pg_get_userbyid(relowner) = 'indelible_owner'`;

type Months = Pick<PostgresSettings, 'monthsAhead' | 'monthsBack'>;

/** Brings the schema up to date from the numbered files. */
export class Migrator {
  readonly #migrations: readonly Migration[] = readMigrations(new URL('./migrations/', import.meta.url));
  readonly #months: Months;

  constructor(months: Months) {
    this.#months = months;
  }

  /** All in one transaction: it is done whole or not at all. */
  async migrate(connection: Connection, { roles = false }: { readonly roles?: boolean }): Promise<void> {
    // With any stricter isolation the second of two processes would not see what the first has done.
    await connection.query('BEGIN ISOLATION LEVEL READ COMMITTED');
    try {
      await connection.query(LOCK);
      await connection.query(SCHEMA);
      await this.#apply(connection);
      await this.#makeMonths(connection);
      await connection.query('SELECT indelible_index_text()');
      if (roles || (await hasRoles(connection))) await connection.query(rolesSql());
      await connection.query('COMMIT');
    } catch (error) {
      await connection.query('ROLLBACK');
      throw error;
    }
  }

  async states(connection: Connection): Promise<MigrationState[]> {
    const applied = await ledger(connection);
    return this.#migrations.map(({ name }) => ({ name, applied: applied.has(name) }));
  }

  async #makeMonths(connection: Connection): Promise<void> {
    try {
      await connection.query(MONTHS, [this.#months.monthsBack, this.#months.monthsAhead]);
    } catch (error) {
      const hint = 'a long transaction may hold the events: try again when it has ended';
      throw AuditError.from(
        error,
        'STORE_UNAVAILABLE',
        `The partitions of the coming months could not be made (${hint})`,
      );
    }
  }

  /** The body of a function as the newest migration that makes it says. */
  bodyOf(name: string): string {
    const pattern = new RegExp(`CREATE (?:OR REPLACE )?FUNCTION ${name}\\(.*?AS \\$\\$(.*?)\\$\\$`, 's');
    return (
      this.#migrations.map(({ sql }) => pattern.exec(sql)?.[1]).findLast((body) => body !== undefined) ?? ''
    );
  }

  async #apply(connection: Connection): Promise<void> {
    const applied = await ledger(connection);
    for (const migration of this.#migrations) {
      const digest = applied.get(migration.name);
      if (digest === undefined) await applyOne(connection, migration);
      else if (digest !== migration.digest) throw changed(migration.name);
    }
  }
}

async function applyOne(connection: Connection, { name, digest, sql }: Migration): Promise<void> {
  try {
    await connection.query(sql);
  } catch (error) {
    throw AuditError.from(error, 'STORE_UNAVAILABLE', `The migration ${name} could not be applied`);
  }
  await connection.query('INSERT INTO indelible_migration (name, digest) VALUES ($1, $2)', [name, digest]);
}

async function ledger(connection: Connection): Promise<Map<string, string>> {
  const known = await connection.query(
    `SELECT 1 FROM pg_class WHERE oid = to_regclass('indelible_migration')`,
  );
  if (known.rows.length === 0) return new Map();
  const { rows } = await connection.query<{ name: string; digest: string }>(
    'SELECT name, digest FROM indelible_migration',
  );
  return new Map(rows.map(({ name, digest }) => [name, digest]));
}

/** Trails that have the roles keep them: what a later migration makes gets its owner and grants too. */
async function hasRoles(connection: Connection): Promise<boolean> {
  return (await connection.query(HAS_ROLES)).rows.length > 0;
}

function rolesSql(): string {
  return readFileSync(new URL('./roles.sql', import.meta.url), 'utf8');
}

function changed(name: string): AuditError {
  return new AuditError(
    'STORE_NOT_MIGRATED',
    `The migration ${name} was changed after it had been applied: its file is not the one this database was made with. Install the published package again, and put changes into a new migration.`,
  );
}
