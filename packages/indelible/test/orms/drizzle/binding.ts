import Database from 'better-sqlite3';
import { drizzle as overSqlite } from 'drizzle-orm/better-sqlite3';
import { drizzle as overPostgres } from 'drizzle-orm/node-postgres';
import { Pool } from 'pg';

import { auditDrizzle } from '../../../src/drizzle.js';
import type { Audit } from '../../../src/index.js';
import {
  type ClinicBinding,
  type ClinicTransaction,
  type ClinicWork,
  endOf,
  type Lacking,
  type OpenClinic,
  RolledBack,
  takeSteps,
} from '../../../src/testing/capture/clinic-orm.js';
import { postgresActions } from './postgres-actions.js';
import { schema as postgresSchema } from './postgres-tables.js';
import { sqliteActions, type SqliteDb } from './sqlite-actions.js';
import { schema as sqliteSchema } from './sqlite-tables.js';

export const drizzle: ClinicBinding = {
  name: 'Drizzle',
  databases: ['postgres', 'sqlite'],
  open: async (place, audit) =>
    place.database === 'postgres'
      ? openPostgres(place.connectionString, place.poolSize, audit)
      : openSqlite(place.path, audit),
};

const NO_NESTED_WRITES = 'Drizzle reads relations, and does not write through them.';
const LACKS: Lacking = {
  createPlanWithItems: NO_NESTED_WRITES,
  createAppointmentWithInvoices: NO_NESTED_WRITES,
  connectService: NO_NESTED_WRITES,
  disconnectService: NO_NESTED_WRITES,
  setInvoices: NO_NESTED_WRITES,
};
const LACKS_ON_SQLITE: Lacking = {
  ...LACKS,
  createTagInCte: 'SQLite has no writes in WITH.',
  serializable: 'Every transaction of SQLite is serializable.',
};

function openPostgres(connectionString: string, max: number, audit: Audit | undefined): OpenClinic {
  const pool = new Pool({ connectionString, max });
  const client = audit ? auditDrizzle(audit, pool) : pool;
  const db = overPostgres({ client, schema: postgresSchema });
  return {
    actions: postgresActions(db),
    lacks: LACKS,
    transaction: (work) => endOf(inPostgres(db, work)),
    close: () => pool.end(),
  };
}

type PostgresClinic = Pick<ReturnType<typeof overPostgres<typeof postgresSchema>>, 'transaction'>;

function inPostgres(db: PostgresClinic, work: ClinicWork): Promise<readonly unknown[]> {
  const config = work.isolation ? { isolationLevel: work.isolation } : undefined;
  return db.transaction(
    (tx) =>
      takeSteps(work, {
        actions: postgresActions(tx),
        savepoint: (inner) => endOf(inPostgres(tx, inner)),
      }),
    config,
  );
}

function openSqlite(path: string, audit: Audit | undefined): OpenClinic {
  const database = new Database(path);
  const client = audit ? auditDrizzle(audit, database) : database;
  const db: SqliteDb = overSqlite({ client, schema: sqliteSchema });
  return {
    actions: sqliteActions(db),
    lacks: LACKS_ON_SQLITE,
    transaction: async (work) => inSqlite(db, work),
    close: async () => void database.close(),
  };
}

/** A transaction on better-sqlite3 is over when its function returns: nothing in it may be awaited. */
function inSqlite(db: SqliteDb, work: ClinicWork): readonly unknown[] {
  try {
    return db.transaction((tx) => {
      const inside: ClinicTransaction = {
        actions: sqliteActions(tx),
        savepoint: (inner) => inSqlite(tx, inner),
      };
      const answers = work.steps.map((step) => step(inside));
      if (work.end === 'rollback') throw new RolledBack(answers);
      return answers;
    });
  } catch (error) {
    if (error instanceof RolledBack) return error.answers;
    throw error;
  }
}
