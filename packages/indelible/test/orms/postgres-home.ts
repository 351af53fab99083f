import { readFileSync } from 'node:fs';

import { Pool } from 'pg';

import { createPostgresOutbox } from '../../src/postgres.js';
import type { ClinicHome } from '../../src/testing/capture/clinic-set-up.js';
import { createDatabase } from '../servers/postgres.js';

const SCHEMA = readFileSync(new URL('./schema/postgres.sql', import.meta.url), 'utf8');

/** A clinic in a database of its own on a server. */
export async function openPostgresHome(server: { url: string }): Promise<ClinicHome> {
  const database = await createDatabase(server);
  const pool = new Pool({ connectionString: database.url, max: 3 });
  // Dropping the database may cut off a connection that is just being closed.
  pool.on('error', () => undefined);
  const outbox = createPostgresOutbox(pool);
  await outbox.migrate();
  await pool.query(SCHEMA);
  return {
    place: (poolSize) => ({ database: 'postgres', connectionString: database.url, poolSize }),
    query: async (sql, values = []) => (await pool.query<Record<string, unknown>>(sql, [...values])).rows,
    outbox,
    async remove() {
      await pool.end();
      await database.drop();
    },
  };
}
