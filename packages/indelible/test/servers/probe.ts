import { Client } from 'pg';
import { reasonOf } from './reason.js';

/** What a running server says about itself. */
export interface Answer {
  version: string;
  major: number;
  superuser: boolean;
}

const CONNECT_BUDGET_MS = 3_000;

const QUESTION = `
  select current_setting('server_version_num')::int as number, current_setting('server_version') as version,
         (select rolsuper from pg_roles where rolname = current_user) as superuser`;

/** Asks the server at a URL for its version, or says why it did not answer. */
export async function probe(url: string): Promise<Answer | string> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_BUDGET_MS });
  client.on('error', () => undefined); // A connection lost after the answer is of no interest.
  try {
    await client.connect();
    const { rows } = await client.query<{ number: number; version: string; superuser: boolean }>(QUESTION);
    const [row] = rows;
    if (row === undefined) return 'it answered with no row';
    const version = row.version.split(' ')[0] ?? row.version;
    return { version, major: Math.floor(row.number / 10_000), superuser: row.superuser };
  } catch (cause) {
    return reasonOf(cause);
  } finally {
    await client.end().catch(() => undefined); // Already closed, or never open.
  }
}
