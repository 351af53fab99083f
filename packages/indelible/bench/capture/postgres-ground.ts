import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';

import { Client } from 'pg';

import type { Ground } from './ground.js';
import { CREATE, fill, TABLE } from './table.js';

/** A database of its own on the server at `url`; `close` drops it. */
export async function postgresGround(url: string, rows: number, commits: 'on' | 'off'): Promise<Ground> {
  const name = `indelible_capture_${randomBytes(4).toString('hex')}`;
  const server = await connected(url);
  await server.query(`CREATE DATABASE ${name}`);
  await server.query(`ALTER DATABASE ${name} SET synchronous_commit = ${commits}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  const client = await connected(own.href);
  await client.query(CREATE);
  await client.query(fill(rows));
  await client.query('VACUUM (ANALYZE)');
  const { rows: found } = await client.query<{ server_version: string }>('SHOW server_version');
  return {
    database: 'postgresql',
    name: `PostgreSQL ${found[0]?.server_version.split(' ')[0]}`,
    url: own.href,
    query: async (text) => (await client.query<Record<string, unknown>>(text)).rows,
    tidy: async () => void (await client.query(`VACUUM ${TABLE}`)),
    close: async () => {
      await client.end();
      await left(server, name);
      await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await server.end();
    },
  };
}

/** A pool says that it has ended before its connections have; a server that cuts them would make them throw. */
async function left(server: Client, database: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const { rows } = await server.query('SELECT FROM pg_stat_activity WHERE datname = $1 LIMIT 1', [
      database,
    ]);
    if (rows.length === 0) return;
    await setTimeout(20);
  }
}

async function connected(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString });
  await client.connect();
  return client;
}
