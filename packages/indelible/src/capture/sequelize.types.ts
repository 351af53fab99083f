// Checked by the compiler, never run: how the adapter fits into the real types of Sequelize.
import pg from 'pg';
import { type InferAttributes, type InferCreationAttributes, Model, Sequelize } from 'sequelize';

import { createMemoryStore } from '../memory.js';
import { auditSequelize, sequelizeModels } from '../sequelize.js';
import { createAudit } from '../trail/create-audit.js';

const audit = createAudit({ store: createMemoryStore() });

export const byUrl = new Sequelize(
  'postgres://localhost/clinic',
  auditSequelize(audit, { dialect: 'postgres', dialectModule: pg, logging: false, pool: { max: 4 } }),
);
export const byOptions = new Sequelize(
  auditSequelize(audit, { dialect: 'postgres', dialectModule: pg, host: 'localhost', database: 'clinic' }),
);

// @ts-expect-error The driver is named.
auditSequelize(audit, { dialect: 'postgres' });
// @ts-expect-error A database that cannot be captured.
auditSequelize(audit, { dialect: 'mysql', dialectModule: pg });
// @ts-expect-error The native client cannot be captured.
auditSequelize(audit, { dialect: 'postgres', dialectModule: pg, native: true });

class Patient extends Model<InferAttributes<Patient>, InferCreationAttributes<Patient>> {
  declare id: number;
  declare phone: string | null;
}

sequelizeModels({ Patient }, { Patient: { redact: ['phone'], subject: 'id' } });
// @ts-expect-error An attribute that the model has not.
sequelizeModels({ Patient }, { Patient: { redact: ['fone'] } });
// @ts-expect-error A model that was not given.
sequelizeModels({ Patient }, { Visit: {} });
