import { randomUUID } from 'node:crypto';

import type Database from 'better-sqlite3';
import { fromSqlite } from 'indelible/sqlite';

import type { ClinicAudit, ClinicEvent } from '../audit.js';

type Connection = ReturnType<typeof fromSqlite>;

/** The clinic's data together with its trail: a transaction commits changes and their events, or neither. */
export class RecordedDatabase {
  readonly #db: Database.Database;
  readonly #audit: ClinicAudit;
  readonly #connection: Connection;

  constructor(db: Database.Database, audit: ClinicAudit) {
    this.#db = db;
    this.#audit = audit;
    this.#connection = fromSqlite(db);
  }

  /** Runs `work` in a transaction, or in the one that is open. Its events share a transaction id. */
  transaction<T>(work: () => T): T {
    if (this.#db.inTransaction) return work();
    const run = this.#db.transaction(work);
    return this.#audit.run({ transactionId: randomUUID() }, () => run.immediate());
  }

  /** Records by the connection of the data: inside a transaction the event commits or rolls back with it. */
  record(event: ClinicEvent): void {
    this.#audit.recordSync(event, this.#connection);
  }

  /** The first row a statement answers. */
  get(sql: string, ...params: readonly unknown[]): unknown {
    return this.#db.prepare(sql).get(...params);
  }

  all(sql: string, ...params: readonly unknown[]): unknown[] {
    return this.#db.prepare(sql).all(...params);
  }

  run(sql: string, ...params: readonly unknown[]): void {
    this.#db.prepare(sql).run(...params);
  }
}
