import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import Database from 'better-sqlite3';

import { createSqliteStore } from '../src/sqlite.js';
import type { Store } from '../src/stores/store.js';

/** A trail in a file of its own, its store, and a plain connection beside the store. */
export interface SqliteTrail {
  readonly path: string;
  readonly store: Store;
  readonly db: Database.Database;
  close(): Promise<void>;
}

export interface Place {
  readonly path: string;
  remove(): void;
}

/** A path in a folder of its own, where nothing is yet. */
export function somewhere(name = 'audit.db'): Place {
  const folder = mkdtempSync(path.join(tmpdir(), 'indelible-sqlite-'));
  return { path: path.join(folder, name), remove: () => rmSync(folder, { recursive: true }) };
}

export async function openSqliteTrail(): Promise<SqliteTrail> {
  const place = somewhere();
  const store = createSqliteStore({ path: place.path });
  await store.migrate();
  const db = new Database(place.path);
  return {
    path: place.path,
    store,
    db,
    async close() {
      db.close();
      await store.close();
      place.remove();
    },
  };
}
