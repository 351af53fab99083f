import { randomBytes } from 'node:crypto';

import pg from 'pg';
import { afterAll, inject } from 'vitest';

import type { Databases } from './running-clinic.js';

interface Server {
  readonly name: string;
  readonly url: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** The servers of this run. */
    postgres: Server[];
    /** Part of the name of every database that this run makes. */
    testRun: string;
  }
}

/** SQLite, and every server of this run. */
export function places(): (readonly [name: string, make: () => Promise<Databases>])[] {
  const servers = inject('postgres').map((server) => [server.name, () => databasesOn(server)] as const);
  return [['SQLite', async () => ({})], ...servers];
}

/** One database for the data and one for the trail, which are gone after the last test of a file. */
async function databasesOn({ url }: Server): Promise<Databases> {
  const names = ['data', 'trail'].map(
    (what) => `indelible_test_${inject('testRun')}_clinic_${what}_${randomBytes(4).toString('hex')}`,
  );
  for (const name of names) await execute(url, `CREATE DATABASE "${name}"`);
  afterAll(async () => {
    for (const name of names) await execute(url, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
  });
  const [databaseUrl, auditDatabaseUrl] = names.map(
    (name) => Object.assign(new URL(url), { pathname: `/${name}` }).href,
  );
  return { databaseUrl, auditDatabaseUrl };
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
