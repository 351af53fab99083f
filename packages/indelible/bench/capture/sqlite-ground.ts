import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import Database from 'better-sqlite3';

import type { Ground } from './ground.js';
import { CREATE, fill } from './table.js';

/** What every connection of every side is set to. */
export const PRAGMAS: readonly string[] = ['journal_mode = WAL', 'synchronous = FULL'];

/** A file of its own, in WAL mode; `close` removes it. */
export function sqliteGround(rows: number): Ground {
  const folder = mkdtempSync(path.join(tmpdir(), 'indelible-capture-'));
  const file = path.join(folder, 'clinic.db');
  const db = new Database(file);
  for (const pragma of PRAGMAS) db.pragma(pragma);
  db.exec(CREATE);
  db.exec(fill(rows));
  db.pragma('wal_checkpoint(TRUNCATE)');
  return {
    database: 'sqlite',
    name: `SQLite ${String(db.prepare('SELECT sqlite_version()').pluck().get())}`,
    url: file,
    query: async (text) => db.prepare<unknown[], Record<string, unknown>>(text).all(),
    tidy: async () => void db.pragma('wal_checkpoint(TRUNCATE)'),
    close: async () => {
      db.close();
      rmSync(folder, { recursive: true });
    },
  };
}
