import pg from 'pg';
import { DataSource, type DataSourceOptions, EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';

import { auditTypeOrm } from '../../../src/capture/typeorm.js';
import { PRAGMAS } from '../sqlite-ground.js';
import type { Writer } from '../side.js';
import { TABLE, TEXTS } from '../table.js';
import type { Way } from './way.js';

interface Patient {
  readonly id: number;
  status: string;
  visits: number;
}

export async function openTypeOrm(way: Way): Promise<Writer> {
  const source = await new DataSource(options(way)).initialize();
  const patients = source.getRepository<Patient>(TABLE);
  return {
    single: (id, visits) => patients.update({ id }, { status: `visited ${visits}`, visits }),
    bulk: (status) => patients.updateAll({ status }),
    close: () => source.destroy(),
  };
}

function options({ database, url, audit }: Way): DataSourceOptions {
  const entities = [entity(database)];
  if (database === 'postgresql') {
    const plain = { type: 'postgres', driver: pg, url, entities, extra: { max: 1 } } as const;
    return audit ? auditTypeOrm(audit, plain) : plain;
  }
  const plain = {
    type: 'better-sqlite3',
    database: url,
    entities,
    prepareDatabase: (db: { pragma(text: string): unknown }) => {
      for (const pragma of PRAGMAS) db.pragma(pragma);
    },
  } as const;
  return audit ? auditTypeOrm(audit, plain) : plain;
}

function entity(database: Way['database']): EntitySchema<Patient> {
  const time = database === 'postgresql' ? 'timestamp' : 'datetime';
  const columns: Record<string, EntitySchemaColumnOptions> = {
    id: { type: 'integer', primary: true },
    ...Object.fromEntries(TEXTS.map((name) => [name, { type: 'text' as const }])),
    birth_date: { type: 'date' },
    visits: { type: 'integer' },
    updated_at: { type: time },
  };
  return new EntitySchema<Patient>({ name: TABLE, tableName: TABLE, columns });
}
