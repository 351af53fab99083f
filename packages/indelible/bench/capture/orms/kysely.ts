import Database from 'better-sqlite3';
import { type Dialect, Kysely, PostgresDialect, SqliteDialect } from 'kysely';
import { Pool } from 'pg';

import { auditKysely } from '../../../src/capture/kysely.js';
import { PRAGMAS } from '../sqlite-ground.js';
import type { Writer } from '../side.js';
import type { Way } from './way.js';

interface Clinic {
  readonly patient: { readonly id: number; readonly status: string; readonly visits: number };
}

export async function openKysely(way: Way): Promise<Writer> {
  const db = new Kysely<Clinic>({ dialect: dialect(way) });
  return {
    single: (id, visits) =>
      db
        .updateTable('patient')
        .set({ status: `visited ${visits}`, visits })
        .where('id', '=', id)
        .execute(),
    bulk: (status) => db.updateTable('patient').set({ status }).execute(),
    close: () => db.destroy(),
  };
}

function dialect({ database, url, audit }: Way): Dialect {
  if (database === 'postgresql') {
    const pool = new Pool({ connectionString: url, max: 1 });
    return new PostgresDialect({ pool: audit ? auditKysely(audit, pool) : pool });
  }
  const file = new Database(url);
  for (const pragma of PRAGMAS) file.pragma(pragma);
  return new SqliteDialect({ database: audit ? auditKysely(audit, file) : file });
}
