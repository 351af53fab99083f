import { AuditError, messageOf } from '../../event/errors.js';
import type { Capturing } from '../capturing.js';
import { Bodies } from './bodies.js';
import type { Operation, SqliteValue } from './body.js';
import { Connection } from './connection.js';
import { Installer } from './installer.js';
import { Moment } from './moment.js';
import type { SqliteCaptureLike } from './sqlite-capture-like.js';
import { type Start, startOf } from './start.js';

/** Errors of which the outbox may be the cause, though their message does not name it. */
const SUSPECT = new Set(['SQLITE_ERROR', 'SQLITE_CONSTRAINT_TRIGGER']);
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

  /** Why changes cannot be written to the outbox; undefined when they can. */
  get fault(): unknown {
    return this.#installer.missing ?? this.#installer.broken;
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
    if (start.mayReplace && this.#installer.expectReplaced()) this.#isChecked = false;
    if (start.kind !== 'write' || this.#isChecked) return;
    this.#installer.fit();
    this.#isChecked = isInside;
    const model = this.#unseenModel(start);
    if (model !== undefined && this.capturing.failsClosed(start.op ?? 'STATEMENT', model))
      throw unavailable(this.connection.db.name, this.fault);
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

  /** Compiles a statement, again when it failed for our triggers. */
  compile<T>(source: unknown, compile: () => T): T {
    try {
      return compile();
    } catch (error) {
      const isWrite = codeOf(error) === 'SQLITE_ERROR' && startOf(String(source)).kind === 'write';
      if (!isWrite) throw error;
      return this.#again(error, compile);
    }
  }

  #register(db: SqliteCaptureLike): void {
    db.function('indelible_context', { deterministic: false }, () => this.#moment.contextOfRow());
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

  /** After a change of tables, and after one was taken back, what is installed must be looked at anew. */
  #followTables(start: Start): void {
    const isInside = this.connection.db.inTransaction;
    if (start.kind === 'alter' || start.kind === 'definition') this.#installer.redefined(isInside);
    else if ((isInside && start.kind !== 'rollback') || !this.#installer.settle(isInside)) return;
    this.#isChecked = false;
  }

  /** The model that a statement writes while there are no triggers that could see it. */
  #unseenModel(start: Start): string | undefined {
    if (this.#installer.missing === undefined || start.table === undefined) return undefined;
    return this.capturing.tables.rulesOf({ name: start.table })?.model;
  }

  #tell(start: Start): void {
    if (this.#hasLost || this.#unseenModel(start) !== undefined) this.capturing.lost(this.fault);
    const isOver = !this.connection.db.inTransaction && start.kind !== 'rollback';
    if (isOver && this.#moment.hasWritten) this.capturing.written();
  }

  #attempt<T>(start: Start, source: string, statement: () => T): T {
    const isInside = this.connection.db.inTransaction;
    try {
      return statement();
    } catch (error) {
      const isWhole = this.connection.db.inTransaction === isInside && !KEEPS_PART.test(source);
      if (start.kind !== 'write' || !isWhole || this.#isRefused) throw error;
      return this.#again(error, statement);
    }
  }

  /** Tries again what failed for our triggers. An error that comes without them too is the statement's own. */
  #again<T>(error: unknown, attempt: () => T): T {
    if (this.#repaired(error)) return attempt();
    if (codeOf(error) !== 'SQLITE_ERROR' || !this.#installer.breakOff(error, true)) throw error;
    try {
      return attempt();
    } catch {
      this.#installer.fit();
      throw error;
    }
  }

  /** True when the failure came from our triggers, which now are others. */
  #repaired(error: unknown): boolean {
    const isNamed = messageOf(error).includes('indelible_');
    if (!isNamed && !SUSPECT.has(codeOf(error))) return false;
    this.#installer.forget();
    return this.#installer.fit() || this.#installer.breakOff(error, isNamed);
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
    if (this.#isRefused) return unavailable(this.connection.db.name, this.fault);
    if (start.op === undefined || start.table === undefined || !REFUSED.test(codeOf(error))) return error;
    const rules = this.capturing.tables.rulesOf({ name: start.table });
    if (rules)
      this.capturing.failed({
        op: start.op,
        model: rules.model,
        error,
        context: this.#moment.context(),
      });
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
