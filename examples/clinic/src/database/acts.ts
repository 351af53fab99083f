import { randomUUID } from 'node:crypto';

import { fromSqlite } from 'indelible/sqlite';

import type { ClinicAudit, ClinicEvent } from '../audit.js';
import type { ClinicDatabase } from './clinic-database.js';

/** What somebody did by name, where the rows that it changed, which record themselves, do not say it all. */
export class Acts {
  readonly #audit: ClinicAudit;
  readonly #db: ClinicDatabase;
  readonly #connection: ReturnType<typeof fromSqlite>;
  /** What was done to an account: as `record`, inside a transaction. */
  readonly auth: ReturnType<ClinicAudit['authSync']>;

  constructor(audit: ClinicAudit, db: ClinicDatabase) {
    this.#audit = audit;
    this.#db = db;
    this.#connection = fromSqlite(db.$client);
    this.auth = audit.authSync(this.#connection);
  }

  /** Runs `work` in a transaction: its changes and its acts are committed together, under one transaction id. */
  together<T>(work: () => T): T {
    return this.#audit.run({ transactionId: randomUUID() }, () =>
      this.#db.transaction(work, { behavior: 'immediate' }),
    );
  }

  /** Records an act by the connection of the data: inside a transaction it commits or rolls back with it. */
  record(act: ClinicEvent): void {
    this.#audit.recordSync(act, this.#connection);
  }
}
