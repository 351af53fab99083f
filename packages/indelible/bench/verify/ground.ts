import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { Client } from 'pg';

import { createPostgresStore } from '../../src/postgres.js';
import { createSqliteStore } from '../../src/sqlite.js';
import type { Store } from '../../src/stores/store.js';
import { serverMicros } from './server-micros.js';

/** Where the trail is that is verified, for a process that opens it by itself. */
export interface Place {
  readonly kind: 'sqlite' | 'postgres';
  readonly at: string;
}

/** A fresh trail to verify. */
export interface Ground extends Place {
  readonly name: string;
  readonly store: Store;
  /** What the database would do by itself in time. */
  settle(): Promise<void>;
  /** Processor time of all processes of the database so far, in microseconds; NaN where they cannot be seen. */
  serverMicros(): Promise<number>;
  close(): Promise<void>;
}

const PATIENCE_MS = 600_000;

export function openStore({ kind, at }: Place): Store {
  return kind === 'sqlite'
    ? createSqliteStore({ path: at, readTimeoutMs: PATIENCE_MS })
    : createPostgresStore({
        connectionString: at,
        monthsBack: 13,
        readTimeoutMs: PATIENCE_MS,
        writeTimeoutMs: PATIENCE_MS,
      });
}

export async function sqliteGround(): Promise<Ground> {
  const folder = mkdtempSync(path.join(tmpdir(), 'indelible-bench-'));
  const place = { kind: 'sqlite', at: path.join(folder, 'audit.db') } as const;
  const store = openStore(place);
  await store.migrate();
  return {
    ...place,
    name: 'SQLite',
    store,
    settle: async () => undefined,
    serverMicros: async () => 0,
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export async function postgresGround(server: { name: string; url: string }): Promise<Ground> {
  const name = `indelible_bench_${randomBytes(4).toString('hex')}`;
  await execute(server.url, `CREATE DATABASE ${name}`);
  const own = new URL(server.url);
  own.pathname = `/${name}`;
  const place = { kind: 'postgres', at: own.href } as const;
  const store = openStore(place);
  await store.migrate();
  return {
    ...place,
    name: server.name,
    store,
    settle: () => execute(own.href, 'VACUUM (ANALYZE)'),
    serverMicros: () => serverMicros(own.href),
    close: async () => {
      await store.close();
      await execute(server.url, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function execute(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
