import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import Database from 'better-sqlite3';

import type { Entry } from '../src/event/entry.js';
import { createSqliteStore } from '../src/sqlite.js';
import { COLUMNS, toRow } from '../src/stores/sqlite/rows.js';
import type { Bed, Place } from './bed.js';

const INSERT = `INSERT INTO indelible_event (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})`;
const SIZES = `SELECT sum(pgsize) FILTER (WHERE name = 'indelible_event') AS rows,
  sum(pgsize) FILTER (WHERE name <> 'indelible_event') AS indexes FROM dbstat`;

export function sqliteBed(): Bed {
  return {
    name: `SQLite ${version()}`,
    rawName: 'prepared inserts, 500 to a transaction, same table, indexes and pragmas',
    open,
    close: async () => undefined,
  };
}

async function open(): Promise<Place> {
  const folder = mkdtempSync(path.join(tmpdir(), 'indelible-bench-'));
  const file = path.join(folder, 'audit.db');
  const store = createSqliteStore({ path: file, readTimeoutMs: 600_000 });
  await store.migrate();
  return {
    store,
    prepareRaw: async (batches) => rawInserter(file, batches),
    settle: async () => settle(file),
    size: async () => sizeOf(file),
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function rawInserter(file: string, batches: readonly (readonly Entry[])[]): () => Promise<void> {
  const db = new Database(file);
  for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'secure_delete = ON']) db.pragma(pragma);
  const insert = db.prepare(INSERT);
  const rows = batches.map((batch) => batch.map((entry) => toRow(entry).row));
  const write = db.transaction((batch: (typeof rows)[number]) => {
    for (const row of batch) insert.run(...row);
  });
  return async () => {
    for (const batch of rows) write.immediate(batch);
    db.close();
  };
}

function settle(file: string): void {
  const db = new Database(file);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
}

function sizeOf(file: string): { rows: number; indexes: number } {
  const db = new Database(file, { readonly: true });
  const sizes = db.prepare(SIZES).get() as { rows: number; indexes: number };
  db.close();
  return sizes;
}

function version(): string {
  const db = new Database(':memory:');
  const found = db.prepare('SELECT sqlite_version()').pluck().get();
  db.close();
  return String(found);
}
