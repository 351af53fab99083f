import { AuditError, messageOf } from '../../event/errors.js';
import type { Capturing } from '../capturing.js';
import { Bodies } from './bodies.js';
import type { Operation, SqliteValue } from './body.js';
import { Connection } from './connection.js';
import { Installer } from './installer.js';
import { Moment } from './moment.js';
import type { SqliteCaptureLike } from './sqlite-capture-like.js';
import type { Start } from './start.js';

/** Errors of which the outbox may be the cause, though their message does not name it. */
const SUSPECT = new Set(['SQLITE_ERROR', 'SQLITE_CONSTRAINT_TRIGGER', 'SQLITE_LOCKED', 'SQLITE_READONLY']);
const REFUSED = /^SQLITE_(?:CONSTRAINT|MISMATCH|TOOBIG)/;
const ATTACHED =
  'Changes in databases that are joined to a connection by ATTACH are not captured: open a connection for each file.';
/** After these, rows that came before the failure stay written, so that a statement must not run twice. */
const KEEPS_PART = /\bor\s+(?:fail|rollback)\b/i;

/** Captures one connection's changes for one trail. */
export class SqliteCapture {
  readonly capturing: Capturing;
  readonly connection: Connection;
  readonly #installer: Installer;
  readonly #moment: Moment;
  readonly #bodies = new Bodies();
  #hasLost = false;
  #isRefused = false;
  #isChecked = false;
  #hasDefined = false;

  constructor(db: SqliteCaptureLike, capturing: Capturing) {
    this.capturing = capturing;
    this.connection = new Connection(db);
    this.#moment = new Moment(capturing);
    this.#installer = new Installer(this.connection, capturing, this.#bodies);
    this.#register(db);
    this.#installer.fit();
  }

  /** How many tables are captured. */
  get tables(): number {
    return this.#installer.count;
  }

  get broken(): unknown {
    return this.#installer.broken;
  }

  /** Runs a statement of the application's, with what must happen before and after. */
  run<T>(start: Start, source: string, statement: () => T): T {
    this.prepareFor(start);
    return this.step(start, source, statement);
  }

  /** What must happen while no row is on its way yet. */
  prepareFor(start: Start): void {
    const isInside = this.connection.db.inTransaction;
    if (!isInside) this.#isChecked = false;
    if (start.kind === 'alter') this.#installer.remove();
    if (start.kind === 'attach') this.capturing.warn(ATTACHED);
    if (start.mayReplace) this.#expectReplaced();
    if (start.kind !== 'write' || this.#isChecked) return;
    this.#installer.fit();
    this.#isChecked = isInside;
  }

  /** Runs a statement, or the part of it that gives one row. */
  step<T>(start: Start, source: string, statement: () => T): T {
    this.#moment.begin(this.connection.db.inTransaction);
    this.#hasLost = false;
    this.#isRefused = false;
    try {
      const result = this.#attempt(start, source, statement);
      this.#followTables(start);
      this.#tell(start);
      return result;
    } catch (error) {
      this.#followTables(start);
      throw this.#failure(start, error);
    }
  }

  /** Compiles a statement, again when it failed for what our triggers name. */
  compile<T>(compile: () => T): T {
    try {
      return compile();
    } catch (error) {
      if (codeOf(error) !== 'SQLITE_ERROR' || !this.#repaired(error)) throw error;
      return compile();
    }
  }

  #register(db: SqliteCaptureLike): void {
    db.function('indelible_context', { deterministic: false }, () => this.#moment.context());
    db.function('indelible_transaction', { deterministic: false }, () => this.#moment.transaction());
    db.function(
      'indelible_body',
      { deterministic: false, safeIntegers: true, varargs: true },
      (number: bigint, part: bigint, count: bigint, ...values: readonly SqliteValue[]) =>
        this.#bodies.text(number, part, count, values),
    );
    db.function('indelible_lost', { deterministic: false }, (op: Operation, model: string) =>
      this.#lost(op, model),
    );
  }

  #expectReplaced(): void {
    if (this.#installer.expectReplaced()) this.#isChecked = false;
  }

  /** After a change of tables, and after one was taken back, what is installed must be looked at anew. */
  #followTables(start: Start): void {
    const isInside = this.connection.db.inTransaction;
    const defines = start.kind === 'alter' || start.kind === 'definition';
    if (!defines && !(this.#hasDefined && (start.kind === 'rollback' || !isInside))) return;
    this.#installer.forget();
    this.#hasDefined = isInside;
    this.#isChecked = false;
  }

  #tell(start: Start): void {
    if (this.#hasLost) this.capturing.lost(this.#installer.broken);
    const isOver = !this.connection.db.inTransaction && start.kind !== 'rollback';
    if (isOver && this.#moment.hasWritten) this.capturing.written();
  }

  #attempt<T>(start: Start, source: string, statement: () => T): T {
    const isInside = this.connection.db.inTransaction;
    try {
      return statement();
    } catch (error) {
      const canRepeat = start.kind === 'write' && this.connection.db.inTransaction === isInside;
      if (!canRepeat || this.#isRefused || !this.#repaired(error) || KEEPS_PART.test(source)) throw error;
      return statement();
    }
  }

  /** True when the failure came from our triggers, which now are others. */
  #repaired(error: unknown): boolean {
    const isNamed = messageOf(error).includes('indelible_');
    if (!isNamed && !SUSPECT.has(codeOf(error))) return false;
    this.#installer.forget();
    if (this.#installer.fit()) return true;
    const cause = isNamed ? error : this.#installer.probe();
    if (cause === undefined) return false;
    this.#installer.breakOff(cause);
    return true;
  }

  /** Called for each row of which the event cannot be written; 1 refuses the write. */
  #lost(op: Operation, model: string): number {
    if (this.capturing.failsClosed(op, model)) {
      this.#isRefused = true;
      return 1;
    }
    this.#hasLost = true;
    return 0;
  }

  #failure(start: Start, error: unknown): unknown {
    if (this.#isRefused) return unavailable(this.connection.db.name, this.#installer.broken);
    if (start.op === undefined || start.table === undefined || !REFUSED.test(codeOf(error))) return error;
    const rules = this.capturing.tables.rulesOf({ name: start.table });
    if (rules)
      this.capturing.failed({ op: start.op, model: rules.model, error, context: this.#moment.context() });
    return error;
  }
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null ? String(Reflect.get(error, 'code')) : '';
}

function unavailable(name: string, cause: unknown): AuditError {
  return new AuditError(
    'OUTBOX_UNAVAILABLE',
    `The change was refused, because its event could not be written to the outbox in ${name}: ${messageOf(cause)}. Run the migration that makes the table indelible_outbox, or see what keeps it from being written.`,
    cause,
  );
}
