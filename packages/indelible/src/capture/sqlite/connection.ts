import type { SqliteCaptureLike, SqliteCaptureStatement } from './sqlite-capture-like.js';

const VERSION = 'SELECT schema_version AS version FROM pragma_schema_version';

type Rows = Record<string, unknown>[];

/** The database as the engine itself uses it: what goes through here is no statement of the application's. */
export class Connection {
  readonly db: SqliteCaptureLike;
  readonly #exec: SqliteCaptureLike['exec'];
  readonly #prepare: SqliteCaptureLike['prepare'];
  #version: SqliteCaptureStatement | undefined;
  #isOwn = false;

  constructor(db: SqliteCaptureLike) {
    this.db = db;
    this.#exec = db.exec.bind(db);
    this.#prepare = db.prepare.bind(db);
  }

  /** True while the engine itself asks. */
  get isOwn(): boolean {
    return this.#isOwn;
  }

  schemaVersion(): number {
    const row = this.#own(() => (this.#version ??= this.#prepare(VERSION)).get());
    return Number(typeof row === 'object' && row !== null ? Reflect.get(row, 'version') : row);
  }

  rows(sql: string): Rows {
    return this.#own(() => this.#prepare(sql).all() as Rows);
  }

  /** Runs a script as a whole or not at all, also inside a transaction of the application's. */
  whole(script: string): void {
    this.#own(() => {
      this.#exec('SAVEPOINT indelible');
      try {
        this.#exec(script);
      } catch (error) {
        this.#exec('ROLLBACK TO indelible');
        throw error;
      } finally {
        this.#exec('RELEASE indelible');
      }
    });
  }

  /** Runs a statement and takes it back. */
  tried(sql: string): void {
    this.#own(() => {
      this.#exec('SAVEPOINT indelible');
      try {
        this.#exec(sql);
      } finally {
        this.#exec('ROLLBACK TO indelible; RELEASE indelible');
      }
    });
  }

  /** Throws when the statement could not be run; it is not run. */
  compile(sql: string): void {
    this.#own(() => this.#prepare(sql));
  }

  #own<T>(ask: () => T): T {
    const before = this.#isOwn;
    this.#isOwn = true;
    try {
      return ask();
    } finally {
      this.#isOwn = before;
    }
  }
}
