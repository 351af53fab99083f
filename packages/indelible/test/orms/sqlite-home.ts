import { readFileSync } from 'node:fs';

import Database from 'better-sqlite3';

import { createSqliteOutbox } from '../../src/sqlite.js';
import type { ClinicHome } from '../../src/testing/capture/clinic-set-up.js';
import { somewhere } from '../sqlite-trail.js';

const SCHEMA = readFileSync(new URL('./schema/sqlite.sql', import.meta.url), 'utf8');

/** A clinic in a file of its own. */
export async function openSqliteHome(): Promise<ClinicHome> {
  const place = somewhere('clinic.db');
  const { path } = place;
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = OFF');
  db.exec(SCHEMA);
  // Waiting for a transaction of the application's would keep the application from ending it.
  const relayed = new Database(path, { timeout: 0 });
  const outbox = createSqliteOutbox(relayed);
  await outbox.migrate();
  return {
    place: () => ({ database: 'sqlite', path }),
    query: async (sql, values = []) => {
      const statement = db.prepare<unknown[], Record<string, unknown>>(sql);
      if (statement.reader) return statement.all(...values);
      statement.run(...values);
      return [];
    },
    outbox,
    async remove() {
      relayed.close();
      db.close();
      place.remove();
    },
  };
}
