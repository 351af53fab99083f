// Checked by the compiler, never run: how the adapter fits into the real types of TypeORM.
import pg from 'pg';
import { DataSource, EntitySchema } from 'typeorm';

import { createMemoryStore } from '../memory.js';
import { createAudit } from '../trail/create-audit.js';
import { auditTypeOrm, typeOrmModels } from '../typeorm.js';

class Patient {
  id!: number;
  name!: string;
  phone!: string | null;
  visits!: Visit[];

  greet(): string {
    return `Hello ${this.name}`;
  }
}

interface Visit {
  id: number;
  patient: Patient;
}

const VisitSchema = new EntitySchema<Visit>({
  name: 'Visit',
  columns: { id: { type: Number, primary: true } },
});

interface PostgresOptions {
  type: 'postgres';
  driver: typeof pg;
  url: string;
  entities: (typeof Patient)[];
}

const options: PostgresOptions = {
  type: 'postgres',
  driver: pg,
  url: 'postgres://localhost/clinic',
  entities: [Patient],
};
const models = await typeOrmModels(
  new DataSource(options),
  [Patient, { redact: ['phone'], label: { columns: ['name'], text: ({ name }) => String(name) } }],
  [VisitSchema, { subject: 'patient' }],
);
const audit = createAudit({ store: createMemoryStore(), models });

export const onPostgres = new DataSource(auditTypeOrm(audit, options));
export const inOneLine = new DataSource(
  auditTypeOrm(audit, {
    type: 'postgres',
    driver: pg,
    url: 'postgres://localhost/clinic',
    entities: [Patient],
  }),
);
export const onSqlite = new DataSource(
  auditTypeOrm(audit, {
    type: 'better-sqlite3',
    database: 'clinic.db',
    prepareDatabase: (db: { pragma(source: string): unknown }) => {
      db.pragma('foreign_keys = ON');
    },
  }),
);

// @ts-expect-error A property that the entity has not.
await typeOrmModels(onSqlite, [Patient, { redact: ['fone'] }]);
// @ts-expect-error A method is no property of the row.
await typeOrmModels(onSqlite, [Patient, { redact: ['greet'] }]);
// @ts-expect-error The same of an entity that is a schema.
await typeOrmModels(onSqlite, [VisitSchema, { subject: 'patientId' }]);
// @ts-expect-error On PostgreSQL the driver is named.
auditTypeOrm(audit, { type: 'postgres', url: 'postgres://localhost/clinic' });
// @ts-expect-error A database that cannot be captured.
auditTypeOrm(audit, { type: 'mysql', url: 'mysql://localhost/clinic' });
