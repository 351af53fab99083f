import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';

/** A database of a test's own. */
export interface TestDatabase {
  name: string;
  url: string;
  drop(): Promise<void>;
}

interface DatabaseOptions {
  /** The database to copy, which nobody may be connected to; an empty one without it. */
  template?: string;
}

const PREFIX = 'indelible_test_';

/**
 * Makes a database that nothing else uses on a server; drop it when done.
 *
 * @example
 * ```ts
 * const database = await createDatabase(server);
 * afterAll(() => database.drop());
 * ```
 */
export async function createDatabase(
  server: { url: string },
  { template }: DatabaseOptions = {},
): Promise<TestDatabase> {
  const name = `${PREFIX}${inject('testRun')}_${randomBytes(6).toString('hex')}`;
  await execute(
    server.url,
    `create database "${name}"${template === undefined ? '' : ` template "${template}"`}`,
  );
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return { name, url: url.href, drop: () => dropDatabase(server.url, name) };
}

/** Drops the databases that the tests of a run made and did not drop. */
export async function dropDatabases(server: { url: string }, run: string): Promise<void> {
  const left = await execute(server.url, 'select datname from pg_database where starts_with(datname, $1)', [
    `${PREFIX}${run}_`,
  ]);
  for (const { datname } of left) await dropDatabase(server.url, String(datname));
}

async function dropDatabase(url: string, name: string): Promise<void> {
  await execute(url, `drop database if exists "${name}" with (force)`);
}

async function execute(url: string, sql: string, values: string[] = []): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql, values);
    return rows;
  } finally {
    await client.end();
  }
}
