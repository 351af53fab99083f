import Database from 'better-sqlite3';
import { type ControlledTransaction, Kysely, PostgresDialect, SqliteDialect } from 'kysely';
import { Pool } from 'pg';

import type { Audit } from '../../../src/index.js';
import { auditKysely } from '../../../src/kysely.js';
import {
  type ClinicBinding,
  type ClinicPlace,
  type ClinicTransaction,
  type ClinicWork,
  endOf,
  type Lacking,
  type OpenClinic,
  takeSteps,
} from '../../../src/testing/capture/clinic-orm.js';
import { actionsBy } from './actions.js';
import { type ClinicDb, Values } from './clinic-db.js';

export const kysely: ClinicBinding = {
  name: 'Kysely',
  databases: ['postgres', 'sqlite'],
  open: async (place, audit) => openClinic(new Kysely({ dialect: dialectOf(place, audit) }), place.database),
};

const NO_RELATIONS = 'A query builder has no relations to write through.';
const LACKS: Lacking = {
  createPlanWithItems: NO_RELATIONS,
  createAppointmentWithInvoices: NO_RELATIONS,
  connectService: NO_RELATIONS,
  disconnectService: NO_RELATIONS,
  setInvoices: NO_RELATIONS,
};
const LACKS_ON_SQLITE: Lacking = {
  ...LACKS,
  createTagInCte: 'SQLite has no writes in WITH.',
  serializable: 'Every transaction of SQLite is serializable.',
};

function dialectOf(place: ClinicPlace, audit: Audit | undefined): PostgresDialect | SqliteDialect {
  if (place.database === 'sqlite') {
    const database = new Database(place.path);
    return new SqliteDialect({ database: audit ? auditKysely(audit, database) : database });
  }
  const pool = new Pool({ connectionString: place.connectionString, max: place.poolSize });
  return new PostgresDialect({ pool: audit ? auditKysely(audit, pool) : pool });
}

function openClinic(db: Kysely<ClinicDb>, database: ClinicPlace['database']): OpenClinic {
  const values = new Values(database);
  const { createTagInCte, ...everywhere } = actionsBy(db, values);
  return {
    actions: database === 'postgres' ? { ...everywhere, createTagInCte } : everywhere,
    lacks: database === 'postgres' ? LACKS : LACKS_ON_SQLITE,
    transaction: (work) => endOf(inTransaction(db, values, work)),
    close: () => db.destroy(),
  };
}

async function inTransaction(
  db: Kysely<ClinicDb>,
  values: Values,
  work: ClinicWork,
): Promise<readonly unknown[]> {
  const begin = db.startTransaction();
  const trx = await (work.isolation ? begin.setIsolationLevel(work.isolation) : begin).execute();
  try {
    const answers = await takeSteps(work, clinicTransaction(trx, values));
    await trx.commit().execute();
    return answers;
  } catch (error) {
    await trx.rollback().execute();
    throw error;
  }
}

function clinicTransaction(trx: ControlledTransaction<ClinicDb>, values: Values): ClinicTransaction {
  return {
    actions: actionsBy(trx, values),
    savepoint: (work) => endOf(inSavepoint(trx, values, work)),
  };
}

async function inSavepoint(
  trx: ControlledTransaction<ClinicDb>,
  values: Values,
  work: ClinicWork,
): Promise<readonly unknown[]> {
  const inner = await trx.savepoint('inner').execute();
  try {
    const answers = await takeSteps(work, clinicTransaction(inner, values));
    await inner.releaseSavepoint('inner').execute();
    return answers;
  } catch (error) {
    await inner.rollbackToSavepoint('inner').execute();
    throw error;
  }
}
