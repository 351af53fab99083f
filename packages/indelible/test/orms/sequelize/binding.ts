import pg from 'pg';
import { Sequelize, Transaction } from 'sequelize';

import { auditSequelize } from '../../../src/sequelize.js';
import {
  type ClinicBinding,
  type ClinicTransaction,
  type ClinicWork,
  endOf,
  takeSteps,
} from '../../../src/testing/capture/clinic-orm.js';
import { actionsOf, LACKS, type Place } from './actions.js';
import { defineClinic } from './models.js';

export const sequelizeBinding: ClinicBinding = {
  name: 'Sequelize 6.37',
  databases: ['postgres'],
  async open(place, audit) {
    if (place.database !== 'postgres') throw new Error('Sequelize 6 has no better-sqlite3.');
    const { connectionString, poolSize } = place;
    const options = {
      dialect: 'postgres',
      dialectModule: pg,
      pool: { max: poolSize },
      logging: false,
    } as const;
    const sequelize = new Sequelize(connectionString, audit ? auditSequelize(audit, options) : options);
    await sequelize.authenticate();
    const outside = { sequelize, models: defineClinic(sequelize), transaction: null };
    return {
      actions: actionsOf(outside),
      lacks: LACKS,
      transaction: (work) => endOf(transact(outside, work)),
      close: () => sequelize.close(),
    };
  },
};

/** A transaction inside another is a savepoint. */
function transact(place: Place, work: ClinicWork): Promise<readonly unknown[]> {
  const isolationLevel = Transaction.ISOLATION_LEVELS.SERIALIZABLE;
  return place.sequelize.transaction(
    { transaction: place.transaction, ...(work.isolation === 'serializable' && { isolationLevel }) },
    (transaction) => takeSteps(work, stepping({ ...place, transaction })),
  );
}

function stepping(place: Place): ClinicTransaction {
  return { actions: actionsOf(place), savepoint: (work) => endOf(transact(place, work)) };
}
