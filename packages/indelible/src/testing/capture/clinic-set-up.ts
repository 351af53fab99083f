import type { Outbox } from '../../trail/outbox.js';
import type { Coverage } from './coverage.js';
import type { ClinicBinding, ClinicDatabase, ClinicPlace } from './clinic-orm.js';

/** Sends SQL on a connection beside the ORM's, without capture; `$1` on PostgreSQL, `?` on SQLite. */
export type ClinicQuery = (
  sql: string,
  values?: readonly (string | number | null)[],
) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** A database with the clinic's tables, all empty, that nobody else uses. */
export interface ClinicHome {
  /** Where the ORM is opened. */
  place(poolSize: number): ClinicPlace;
  readonly query: ClinicQuery;
  /** An outbox in this database, on connections of its own, already migrated. */
  readonly outbox: Outbox;
  /** Closes whatever is still open and removes what was made. */
  remove(): Promise<void>;
}

/** An ORM on a database, to be held to the capture contract. */
export interface CaptureSetUp {
  readonly binding: ClinicBinding;
  readonly database: ClinicDatabase;
  openHome(): Promise<ClinicHome>;
  /** How many changes are made at once; 500 by default. */
  readonly changes?: number | undefined;
  /** Told at the end how much of what was done is told by the trail. */
  readonly onCovered?: ((coverage: Coverage) => void) | undefined;
}
