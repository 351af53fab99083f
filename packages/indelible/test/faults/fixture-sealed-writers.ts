import { setTimeout as sleep } from 'node:timers/promises';

import { Client } from 'pg';

import type { Entry } from '../../src/event/entry.js';
import { createPostgresStore } from '../../src/postgres.js';
import { COLUMN_LIST, COLUMNS, toRow, TYPED_COLUMN_LIST } from '../../src/stores/postgres/rows.js';
import { createAudit } from '../../src/trail/create-audit.js';
import { someEntries } from '../entries.js';

/** What a test asks of a process of its own with writers and a running sealer, as JSON in its first argument. */
export interface SealedWritersTask {
  readonly url: string;
  readonly key: string;
  readonly writers: number;
  readonly transactions: number;
}

const INSERT = `INSERT INTO indelible_event (${COLUMN_LIST})
  SELECT ${COLUMN_LIST} FROM json_to_record($1) AS entry (${TYPED_COLUMN_LIST})`;
const LONGEST_MS = 200;

/** Writes the id of each event whose commit was acknowledged to standard output. */
const task = JSON.parse(process.argv[2] ?? '{}') as SealedWritersTask;
const audit = createAudit({
  store: createPostgresStore({ connectionString: task.url }),
  spool: false,
  seal: { key: task.key, everyMs: 20, batchSize: 40 },
  log: () => undefined,
  onError: (error) => console.error(String(error)),
});
await audit.ready();
await Promise.all(Array.from({ length: task.writers }, write));
await audit.close();

async function write(): Promise<void> {
  const client = new Client({ connectionString: task.url });
  await client.connect();
  for (let n = 0; n < task.transactions; n += 1) {
    const [kept, undone, late] = someEntries(3) as [Entry, Entry, Entry];
    await client.query('BEGIN');
    await insert(client, kept);
    await client.query('SAVEPOINT one');
    await insert(client, undone);
    await client.query('ROLLBACK TO one');
    await sleep(Math.random() * LONGEST_MS);
    await insert(client, late);
    const isKept = n % 5 !== 4;
    await client.query(isKept ? 'COMMIT' : 'ROLLBACK');
    if (isKept) process.stdout.write(`${kept.core.id}\n${late.core.id}\n`);
  }
  await client.end();
}

async function insert(client: Client, entry: Entry): Promise<void> {
  await client.query(INSERT, [Object.fromEntries(toRow(entry).map((value, n) => [COLUMNS[n], value]))]);
}
