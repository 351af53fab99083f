import { AuditError, messageOf } from '../../event/errors.js';
import type { Capturing } from '../capturing.js';
import { captureOf, hook } from './hook.js';
import { SqliteCapture } from './sqlite-capture.js';
import type { SqliteCaptureLike } from './sqlite-capture-like.js';

/**
 * Captures every change that is made on a better-sqlite3 database from now on. The database is changed in
 * place and given back; it is harmless to attach it again to the same trail.
 */
export function attachSqlite<T extends SqliteCaptureLike>(capturing: Capturing, db: T): T {
  checkDatabase(db);
  const attached = captureOf(db);
  if (attached?.capturing === capturing) return db;
  if (attached) throw refused('it is attached to another trail already. Open a connection for each trail');
  const capture = new SqliteCapture(db, capturing);
  hook(db, capture);
  const place = db.memory ? 'SQLite database in memory' : `SQLite file ${db.name}`;
  capturing.attached(`${place}: ${capture.tables} ${capture.tables === 1 ? 'table' : 'tables'}`);
  if (capture.fault !== undefined)
    capturing.warn(
      `The outbox in the ${place} cannot be written, so that no change can be recorded: ${messageOf(capture.fault)}. Run the migration that makes the table indelible_outbox.`,
    );
  return db;
}

function checkDatabase(db: unknown): void {
  const isObject = typeof db === 'object' && db !== null;
  const has = (name: string, type: string): boolean => isObject && typeof Reflect.get(db, name) === type;
  const methods = ['prepare', 'exec', 'function', 'transaction', 'pragma'];
  if (!methods.every((name) => has(name, 'function')) || !has('inTransaction', 'boolean'))
    throw refused('it is no better-sqlite3 Database. Give what `new Database(path)` made');
  if (Reflect.get(db as object, 'open') !== true)
    throw refused('it is closed. Attach it before it is closed');
  if (Reflect.get(db as object, 'readonly') === true)
    throw refused('it was opened to read only, so that it has no changes. Attach the connection that writes');
}

function refused(found: string): AuditError {
  return new AuditError('INVALID_OPTIONS', `The SQLite database cannot be captured: ${found}.`);
}
