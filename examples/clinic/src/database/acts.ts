import { randomUUID } from 'node:crypto';

import type { ClinicAudit, ClinicEvent } from '../audit.js';
import { connectionOf, type Db } from './clinic-database.js';

/** What somebody did by name, where the rows that it changed, which record themselves, do not say it all. */
export class Acts {
  readonly #audit: ClinicAudit;
  readonly #db: Db;

  constructor(audit: ClinicAudit, db: Db) {
    this.#audit = audit;
    this.#db = db;
  }

  /** Runs `work` in a transaction: its changes and its acts are committed together, under one transaction id. */
  together<T>(work: (db: Db) => Promise<T>): Promise<T> {
    return this.#audit.run({ transactionId: randomUUID() }, () => this.#db.transaction().execute(work));
  }

  /** Records an act in the transaction that is open here: it commits or rolls back with it. */
  async record(db: Db, act: ClinicEvent): Promise<void> {
    await this.#audit.record(act, connectionOf(db));
  }
}
