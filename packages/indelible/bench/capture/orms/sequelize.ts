import pg from 'pg';
import { DataTypes, Sequelize } from 'sequelize';

import { auditSequelize } from '../../../src/capture/sequelize.js';
import type { Writer } from '../side.js';
import { TABLE } from '../table.js';
import type { Way } from './way.js';

export async function openSequelize(way: Way): Promise<Writer> {
  const options = { dialect: 'postgres', dialectModule: pg, logging: false, pool: { max: 1 } } as const;
  const sequelize = new Sequelize(way.url, way.audit ? auditSequelize(way.audit, options) : options);
  const patients = sequelize.define(
    TABLE,
    {
      id: { type: DataTypes.INTEGER, primaryKey: true },
      status: DataTypes.TEXT,
      visits: DataTypes.INTEGER,
    },
    { tableName: TABLE, timestamps: false },
  );
  return {
    single: (id, visits) => patients.update({ status: `visited ${visits}`, visits }, { where: { id } }),
    bulk: (status) => patients.update({ status }, { where: {} }),
    close: () => sequelize.close(),
  };
}
