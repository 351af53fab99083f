import { randomBytes } from 'node:crypto';

import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

import type { Entry } from '../src/event/entry.js';
import { createPostgresStore } from '../src/postgres.js';
import { copyText } from '../src/stores/postgres/copy.js';
import { COLUMN_LIST, toRow } from '../src/stores/postgres/rows.js';
import type { Bed, Place } from './bed.js';

const SIZES = `SELECT sum(pg_relation_size(inhrelid)) AS rows, sum(pg_indexes_size(inhrelid)) AS indexes
  FROM pg_inherits WHERE inhparent = 'indelible_event'::regclass`;

export interface PostgresBedOptions {
  readonly name: string;
  readonly url: string;
  /** Months with partitions before this one. */
  readonly monthsBack: number;
}

export function postgresBed(options: PostgresBedOptions): Bed {
  return {
    name: options.name,
    rawName: 'one COPY of all rows, text made beforehand, same table and indexes',
    open: () => open(options),
    close: async () => undefined,
  };
}

async function open({ url, monthsBack }: PostgresBedOptions): Promise<Place> {
  const name = `indelible_bench_${randomBytes(4).toString('hex')}`;
  await execute(url, `CREATE DATABASE ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  const store = createPostgresStore({
    connectionString: own.href,
    monthsBack,
    readTimeoutMs: 600_000,
    writeTimeoutMs: 600_000,
  });
  await store.migrate();
  return {
    store,
    prepareRaw: (batches) => rawCopy(own.href, batches),
    settle: async () => void (await execute(own.href, 'VACUUM (ANALYZE)')),
    size: () => sizeOf(own.href),
    close: async () => {
      await store.close();
      await execute(url, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function rawCopy(url: string, batches: readonly (readonly Entry[])[]): Promise<() => Promise<void>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const chunks = batches.map((batch) => Buffer.from([...copyText(batch, toRow)].join('')));
  return async () => {
    const stream = client.query(copyFrom(`COPY indelible_event (${COLUMN_LIST}) FROM STDIN`));
    for (const chunk of chunks) {
      if (!stream.write(chunk)) await new Promise((resolve) => stream.once('drain', resolve));
    }
    await new Promise<void>((resolve, reject) => stream.on('finish', resolve).on('error', reject).end());
    await client.end();
  };
}

async function sizeOf(url: string): Promise<{ rows: number; indexes: number }> {
  const [row] = await execute(url, SIZES);
  return { rows: Number(row?.['rows']), indexes: Number(row?.['indexes']) };
}

/** Runs one statement on a connection of its own. */
async function execute(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}
