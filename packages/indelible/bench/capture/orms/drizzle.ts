import Database from 'better-sqlite3';
import { eq, sql } from 'drizzle-orm';
import { drizzle as drizzleSqlite } from 'drizzle-orm/better-sqlite3';
import { drizzle as drizzlePg } from 'drizzle-orm/node-postgres';
import * as pg from 'drizzle-orm/pg-core';
import * as sqlite from 'drizzle-orm/sqlite-core';
import { Pool } from 'pg';

import { auditDrizzle } from '../../../src/capture/drizzle.js';
import { PRAGMAS } from '../sqlite-ground.js';
import type { Writer } from '../side.js';
import { TABLE } from '../table.js';
import type { Way } from './way.js';

const pgPatient = pg.pgTable(TABLE, {
  id: pg.integer('id').primaryKey(),
  status: pg.text('status').notNull(),
  visits: pg.integer('visits').notNull(),
});

const sqlitePatient = sqlite.sqliteTable(TABLE, {
  id: sqlite.integer('id').primaryKey(),
  status: sqlite.text('status').notNull(),
  visits: sqlite.integer('visits').notNull(),
});

export async function openDrizzle(way: Way): Promise<Writer> {
  if (way.database === 'sqlite') return openSqlite(way);
  const pool = new Pool({ connectionString: way.url, max: 1 });
  const close = (): Promise<void> => pool.end();
  const db = drizzlePg({
    client: way.audit ? auditDrizzle(way.audit, pool, { prepare: way.prepare }) : pool,
  });
  return way.isPrepared ? { ...named(db), close } : { ...plain(db), close };
}

function plain(db: ReturnType<typeof drizzlePg>): Omit<Writer, 'close'> {
  return {
    single: async (id, visits) =>
      db
        .update(pgPatient)
        .set({ status: `visited ${visits}`, visits })
        .where(eq(pgPatient.id, id)),
    bulk: async (status) => db.update(pgPatient).set({ status }),
  };
}

function named(db: ReturnType<typeof drizzlePg>): Omit<Writer, 'close'> {
  const status = sql`${sql.placeholder('status')}`;
  const single = db
    .update(pgPatient)
    .set({ status, visits: sql`${sql.placeholder('visits')}` })
    .where(eq(pgPatient.id, sql.placeholder('id')))
    .prepare('bench_single');
  const bulk = db.update(pgPatient).set({ status }).prepare('bench_bulk');
  return {
    single: (id, visits) => single.execute({ id, visits, status: `visited ${visits}` }),
    bulk: (value) => bulk.execute({ status: value }),
  };
}

function openSqlite(way: Way): Writer {
  const file = new Database(way.url);
  for (const pragma of PRAGMAS) file.pragma(pragma);
  const db = drizzleSqlite({ client: way.audit ? auditDrizzle(way.audit, file) : file });
  return {
    single: async (id, visits) =>
      db
        .update(sqlitePatient)
        .set({ status: `visited ${visits}`, visits })
        .where(eq(sqlitePatient.id, id)),
    bulk: async (status) => db.update(sqlitePatient).set({ status }),
    close: async () => file.close(),
  };
}
