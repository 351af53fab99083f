import { type Migration, readMigrations } from '../migrations.js';
import type { StoreFinding } from '../store.js';

export const LEDGER = `CREATE TABLE IF NOT EXISTS indelible_migration (
  name TEXT PRIMARY KEY,
  digest TEXT NOT NULL,
  applied_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000 AS INTEGER))
) STRICT`;

/** The guards, and what keeps the index of texts in step with the events. */
const GUARD = /CREATE TRIGGER (\w+_(?:guard|search)_\w+|indelible_event_purged) .*?\nEND(?=;)/gs;

/** The migrations as they lie beside this file. */
export function migrations(): readonly Migration[] {
  return readMigrations(new URL('./migrations/', import.meta.url));
}

/** The guards that are not there, or not as they were made. */
export function guardFindings(
  made: readonly Migration[],
  triggers: ReadonlyMap<string, string>,
  path: string,
): StoreFinding[] {
  return [...guardsOf(made)]
    .filter(([name, text]) => triggers.get(name) !== text)
    .map(([name]) => ({
      severity: 'error',
      message: `The guard ${name} is ${triggers.has(name) ? 'not the one that was made' : 'missing'} in ${path}: events could be altered without notice. Find out who changed it, and make it again as schema.sql of this package has it.`,
    }));
}

/** By their names; of a guard that was made anew, the last counts. */
function guardsOf(made: readonly Migration[]): Map<string, string> {
  const guards = made.flatMap(({ sql }) => [...sql.matchAll(GUARD)]);
  return new Map(guards.map(([text, name = '']) => [name, text]));
}
