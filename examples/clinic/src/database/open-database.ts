import { readdirSync, readFileSync } from 'node:fs';

import Database from 'better-sqlite3';

/** The SQL stays beside the sources; the build finds it there too. */
const MIGRATIONS = new URL('../../src/database/', import.meta.url);

/** The clinic's own data, with its schema up to date. */
export function openDatabase(path: string): Database.Database {
  const db = new Database(path);
  for (const pragma of [
    'busy_timeout = 5000',
    'journal_mode = WAL',
    'synchronous = FULL',
    'foreign_keys = ON',
  ]) {
    db.pragma(pragma);
  }
  migrate(db);
  return db;
}

/** Runs the numbered files that have not run yet; `user_version` counts those that have. */
function migrate(db: Database.Database): void {
  const files = readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  const run = db.transaction(() => {
    const applied = Number(db.pragma('user_version', { simple: true }));
    for (const file of files.slice(applied)) db.exec(readFileSync(new URL(file, MIGRATIONS), 'utf8'));
    db.pragma(`user_version = ${Math.max(applied, files.length)}`);
  });
  run.immediate();
}
