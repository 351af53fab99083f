import type { Entry } from '../../src/event/entry.js';
import { Frontier } from '../../src/integrity/frontier.js';
import { SigningKey } from '../../src/integrity/note-key.js';
import { createPostgresStore } from '../../src/postgres.js';
import { createSqliteStore } from '../../src/sqlite.js';
import {
  COLUMN_LIST,
  COLUMNS as POSTGRES_COLUMNS,
  toRow as toPostgresRow,
  TYPED_COLUMN_LIST,
} from '../../src/stores/postgres/rows.js';
import { COLUMNS, toRow } from '../../src/stores/sqlite/rows.js';
import type { Store } from '../../src/stores/store.js';
import { sealBatch } from '../../src/trail/sealing/seal-batch.js';
import { openTrail } from '../postgres-trail.js';
import { postgresServers } from '../servers/postgres.js';
import { openSqliteTrail } from '../sqlite-trail.js';

/** Every database there is to attack. */
export const BEDS: readonly { readonly name: string; readonly open: () => Promise<Bed> }[] = [
  { name: 'SQLite', open: () => openSqliteBed() },
  ...postgresServers().map((server) => ({ name: server.name, open: () => openPostgresBed(server) })),
];

export const KEY: SigningKey = SigningKey.create('example.com/audit');

const TABLES = ['event', 'seal', 'node', 'checkpoint', 'head'].map((name) => `indelible_${name}`);
const POSTGRES_COLUMNS_OF = `SELECT attname AS name FROM pg_attribute
  WHERE attrelid = '$table'::regclass AND attnum > 0 AND attgenerated = '' AND NOT attisdropped`;
/** What SQLite remembers of rows that are gone. */
const SQLITE_TRACES = ['DELETE FROM indelible_purged', 'DELETE FROM sqlite_sequence'];
let backups = 0;

type Row = Record<string, unknown>;

/** A trail, and somebody who holds its database in hand: no guard is in the way. */
export interface Bed {
  /** Writes, seals and removes. */
  readonly store: Store;
  /** The file, where it is one. */
  readonly path?: string;
  /** One more store on the same data, by connections of its own. */
  readonly fresh: () => Store;
  /** Runs a statement past every guard. */
  readonly run: (sql: string) => Promise<Row[]>;
  /** An event in a place that the log has passed. */
  readonly slipIn: (entry: Entry) => Promise<void>;
  /** How the database writes an id, and bytes. */
  readonly id: (id: string) => string;
  readonly bytes: (bytes: Uint8Array) => string;
  /** What a column of bytes is read by, as hexadecimal digits. */
  readonly hex: (column: string) => string;
  readonly first: string;
  readonly nodeIndex: string;
  /** Keeps everything as it is now, and brings it back. */
  readonly backup: () => Promise<() => Promise<void>>;
  /** Closes the stores that were opened besides. */
  readonly release: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Stores the entries and seals them, so many at a time, each with its checkpoint. */
export async function sealEntries(
  store: Store,
  entries: readonly Entry[],
  size = 10,
  key: SigningKey = KEY,
): Promise<void> {
  for (let n = 0; n < entries.length; n += 500) await store.append(entries.slice(n, n + 500));
  while (await sealNext(store, size, key)) continue;
}

/** Seals what is pending; false when there was nothing. */
export async function sealNext(store: Store, limit: number, key: SigningKey = KEY): Promise<boolean> {
  const pending = await store.pending(limit);
  if (pending.entries.length === 0) return false;
  const frontier = new Frontier(pending.head.size, pending.head.frontier);
  await store.seal(sealBatch({ pending, frontier, origin: KEY.name, keys: [key] }));
  return true;
}

export async function openSqliteBed(): Promise<Bed> {
  const trail = await openSqliteTrail();
  const stores: Store[] = [];
  const { db } = trail;
  const guards = db
    .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%guard%'")
    .pluck();
  for (const name of guards.all()) db.exec(`DROP TRIGGER ${String(name)}`);
  const run = async (sql: string): Promise<Row[]> => {
    const statement = db.prepare(sql);
    return statement.reader ? (statement.all() as Row[]) : (statement.run(), []);
  };
  return {
    store: trail.store,
    path: trail.path,
    fresh: () => opened(stores, createSqliteStore({ path: trail.path })),
    run,
    slipIn: async (entry) => {
      const marks = COLUMNS.map(() => '?').join(', ');
      const seq = '(SELECT min(seq) - 10 FROM indelible_event)';
      db.prepare(`INSERT INTO indelible_event (seq, ${COLUMNS.join(', ')}) VALUES (${seq}, ${marks})`).run(
        ...toRow(entry).row,
      );
    },
    id: (id) => `x'${id.replaceAll('-', '')}'`,
    bytes: (bytes) => `x'${Buffer.from(bytes).toString('hex')}'`,
    hex: (column) => `hex(${column})`,
    first: 'first_index',
    nodeIndex: 'node_index',
    backup: () => backup(run, "SELECT name FROM pragma_table_info('$table')", SQLITE_TRACES),
    release: () => release(stores),
    close: async () => {
      await release(stores);
      await trail.close();
    },
  };
}

async function openPostgresBed(server: { url: string }): Promise<Bed> {
  const trail = await openTrail(server);
  const stores: Store[] = [];
  const { client } = trail;
  const run = async (sql: string): Promise<Row[]> => (await client.query<Row>(sql)).rows;
  const tables = await run(
    "SELECT relname AS name FROM pg_class WHERE relname LIKE 'indelible_%' AND relkind IN ('r', 'p')",
  );
  for (const { name } of tables) await run(`ALTER TABLE ${String(name)} DISABLE TRIGGER ALL`);
  return {
    store: trail.store,
    fresh: () => opened(stores, createPostgresStore({ connectionString: trail.url, max: 2 })),
    run,
    slipIn: async (entry) => {
      const row = Object.fromEntries(toPostgresRow(entry).map((value, n) => [POSTGRES_COLUMNS[n], value]));
      await client.query(
        `INSERT INTO indelible_event (xid, ${COLUMN_LIST}) SELECT '3', ${COLUMN_LIST} FROM json_to_record($1) AS entry (${TYPED_COLUMN_LIST})`,
        [row],
      );
    },
    id: (id) => `'${id}'`,
    bytes: (bytes) => `'\\x${Buffer.from(bytes).toString('hex')}'`,
    hex: (column) => `encode(${column}, 'hex')`,
    first: 'first',
    nodeIndex: 'index',
    backup: () => backup(run, POSTGRES_COLUMNS_OF),
    release: () => release(stores),
    close: async () => {
      await release(stores);
      await trail.close();
    },
  };
}

/** Copies of the tables, out of which they are filled again. */
async function backup(
  run: (sql: string) => Promise<Row[]>,
  columnsOf: string,
  traces: readonly string[] = [],
): Promise<() => Promise<void>> {
  backups += 1;
  const copies: { table: string; columns: string; copy: string }[] = [];
  for (const table of TABLES) {
    const rows = await run(columnsOf.replace('$table', table));
    const columns = rows.map(({ name }) => `"${String(name)}"`).join(', ');
    const copy = `kept_${backups}_${table}`;
    await run(`CREATE TABLE ${copy} AS SELECT ${columns} FROM ${table}`);
    copies.push({ table, columns, copy });
  }
  return async () => {
    for (const sql of traces.slice(0, 1)) await run(sql);
    for (const { table } of copies) await run(`DELETE FROM ${table}`);
    for (const sql of traces) await run(sql);
    for (const { table, columns, copy } of copies)
      await run(`INSERT INTO ${table} (${columns}) SELECT ${columns} FROM ${copy} ORDER BY 1`);
  };
}

async function release(stores: Store[]): Promise<void> {
  for (const store of stores.splice(0)) await store.close();
}

function opened(stores: Store[], store: Store): Store {
  stores.push(store);
  return store;
}
