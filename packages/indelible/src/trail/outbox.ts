import type { Entry } from '../event/entry.js';
import type { SqlConnection } from '../stores/store.js';

/** The table in the application's own database through which an event goes with the change it describes. */
export interface Outbox {
  /** One line for the start-up report. */
  readonly description: string;
  /** Makes the table where it is missing. Harmless to repeat. */
  migrate(): Promise<void>;
  /**
   * Writes entries by the caller's connection, inside whatever transaction is open there. Answers at once
   * where the connection does. Throws or rejects when the outbox cannot be written.
   */
  put(connection: SqlConnection, entries: readonly Entry[]): unknown;
  /**
   * Hands up to `limit` committed entries to `deliver` and removes them once it has resolved. A crash
   * between the two hands them out again: `deliver` must be idempotent. Answers how many there were.
   */
  relay(limit: number, deliver: (entries: readonly Entry[]) => Promise<void>): Promise<number>;
}
