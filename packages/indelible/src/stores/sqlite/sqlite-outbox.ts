import type { Entry } from '../../event/entry.js';
import type { Outbox } from '../../trail/outbox.js';
import type { SqlConnection } from '../store.js';

/** The members of a better-sqlite3 Database that are used here. */
export interface SqliteDatabaseLike {
  exec(sql: string): unknown;
  prepare(sql: string): {
    readonly reader: boolean;
    run(...params: readonly unknown[]): unknown;
    all(...params: readonly unknown[]): unknown[];
  };
  readonly name: string;
  readonly inTransaction: boolean;
}

const CREATE = `CREATE TABLE IF NOT EXISTS indelible_outbox (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, entry TEXT NOT NULL
) STRICT`;
const PUT = 'INSERT INTO indelible_outbox (id, entry) VALUES (?, ?)';
const CLAIM = 'SELECT seq, entry FROM indelible_outbox ORDER BY seq LIMIT ?';
const REMOVE = 'DELETE FROM indelible_outbox WHERE seq IN (SELECT value FROM json_each(?))';

/** An outbox in the application's own SQLite database, on the connection the application uses. */
export class SqliteOutbox implements Outbox {
  readonly description: string;
  readonly #db: SqliteDatabaseLike;

  constructor(db: SqliteDatabaseLike) {
    this.#db = db;
    this.#db.exec(CREATE);
    this.description = `SQLite file ${db.name}`;
  }

  async migrate(): Promise<void> {
    this.#db.exec(CREATE);
  }

  put(connection: SqlConnection, entries: readonly Entry[]): unknown {
    const written = entries.map((entry) => connection.query(PUT, [entry.core.id, JSON.stringify(entry)]));
    return written.some((one) => one instanceof Promise) ? Promise.all(written) : undefined;
  }

  /**
   * Looks only between transactions: on the application's own connection what is not committed would be
   * seen too. A second relay may hand out the same entries at the same time: their ids make them once.
   */
  async relay(limit: number, deliver: (entries: readonly Entry[]) => Promise<void>): Promise<number> {
    if (this.#db.inTransaction) return 0;
    const rows = this.#db.prepare(CLAIM).all(limit) as { seq: number; entry: string }[];
    if (rows.length === 0) return 0;
    await deliver(rows.map((row) => JSON.parse(row.entry) as Entry));
    this.#db.prepare(REMOVE).run(JSON.stringify(rows.map((row) => row.seq)));
    return rows.length;
  }
}

/** A better-sqlite3 database, or the transaction open on it, as a connection events can be written by. */
export class SqliteConnection implements SqlConnection {
  readonly #db: SqliteDatabaseLike;

  constructor(db: SqliteDatabaseLike) {
    this.#db = db;
  }

  query(text: string, params: readonly unknown[]): unknown {
    const statement = this.#db.prepare(text);
    return statement.reader ? statement.all(...params) : statement.run(...params);
  }
}
