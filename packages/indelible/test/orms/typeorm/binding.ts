import pg from 'pg';
import { DataSource, type DataSourceOptions, type EntityManager } from 'typeorm';

import {
  type ClinicBinding,
  type ClinicPlace,
  type ClinicTransaction,
  type ClinicWork,
  endOf,
  takeSteps,
} from '../../../src/testing/capture/clinic-orm.js';
import type { Audit } from '../../../src/trail/create-audit.js';
import { auditTypeOrm } from '../../../src/typeorm.js';
import { actionsOf, LACKS, LACKS_ON_SQLITE } from './actions.js';
import { ClinicEntities } from './entities.js';

export const typeOrmBinding: ClinicBinding = {
  name: 'TypeORM 1.1',
  databases: ['postgres', 'sqlite'],
  async open(place, audit) {
    const clinic = new ClinicEntities(place.database);
    const source = new DataSource(optionsOf(place, audit, clinic));
    await source.initialize();
    return {
      actions: actionsOf(source.manager, clinic),
      lacks: place.database === 'postgres' ? LACKS : LACKS_ON_SQLITE,
      transaction: (work) => endOf(transact(source.manager, work, clinic)),
      close: () => source.destroy(),
    };
  },
};

function optionsOf(place: ClinicPlace, audit: Audit | undefined, clinic: ClinicEntities): DataSourceOptions {
  const entities = clinic.all();
  if (place.database === 'sqlite') {
    const options = { type: 'better-sqlite3', database: place.path, entities } as const;
    return audit === undefined ? options : auditTypeOrm(audit, options);
  }
  const { connectionString: url, poolSize } = place;
  const options = { type: 'postgres', driver: pg, url, poolSize, entities } as const;
  return audit === undefined ? options : auditTypeOrm(audit, options);
}

/** A transaction inside another is a savepoint. */
function transact(db: EntityManager, work: ClinicWork, clinic: ClinicEntities): Promise<readonly unknown[]> {
  const run = (inner: EntityManager): Promise<readonly unknown[]> => takeSteps(work, stepping(inner, clinic));
  return work.isolation === 'serializable' ? db.transaction('SERIALIZABLE', run) : db.transaction(run);
}

function stepping(db: EntityManager, clinic: ClinicEntities): ClinicTransaction {
  return { actions: actionsOf(db, clinic), savepoint: (work) => endOf(transact(db, work, clinic)) };
}
