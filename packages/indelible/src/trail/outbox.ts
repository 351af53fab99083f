import type { Entry } from '../event/entry.js';
import type { SqlConnection, StoreFinding } from '../stores/store.js';

/** One row of an outbox: changes that an engine captured, or entries that were complete when they were written. */
export interface OutboxRow {
  /** Its place in the outbox. */
  readonly seq: string;
  /** When it was written, in milliseconds, by the database's clock. */
  readonly at: number;
  /** 32 hexadecimal digits of randomness, made with the row: what is made of it is the same every time. */
  readonly salt: string;
  /** The database's own name for the transaction. */
  readonly transactionId: string | null;
  /** The context of the changes; null where the bodies are entries. */
  readonly context: string | null;
  /** Changes (`capture/row-change`) or entries, each as JSON text. */
  readonly bodies: readonly string[];
}

/** A row that could not be brought into the trail, and why. */
export interface Refusal {
  readonly seq: string;
  readonly reason: string;
}

export interface Relayed {
  /** How many rows were looked at: none means that nothing waits. */
  readonly rows: number;
  /** Rows that were refused so often that they are set aside: they stay in the table, and are not tried again. */
  readonly setAside: readonly OutboxRow[];
}

/** So often a row is tried before it is set aside. */
export const ATTEMPTS = 5;

/** The application's own database, for an operator's work. */
export type ApplicationDatabase =
  | {
      readonly kind: 'postgres';
      query(
        text: string,
        params: unknown[],
      ): Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>;
    }
  /** A better-sqlite3 Database. */
  | { readonly kind: 'sqlite'; readonly database: unknown };

/** The table in the application's own database through which an event goes with the change it describes. */
export interface Outbox {
  /** One line for the start-up report. */
  readonly description: string;
  readonly application: ApplicationDatabase;
  /** Makes the table where it is missing. Harmless to repeat. */
  migrate(): Promise<void>;
  /** Looks for what would keep changes from being recorded, such as a missing table or right. */
  check(): Promise<readonly StoreFinding[]>;
  /**
   * Writes entries by the caller's connection, inside whatever transaction is open there. Answers at once
   * where the connection does. Throws or rejects when the outbox cannot be written.
   */
  put(connection: SqlConnection, entries: readonly Entry[]): unknown;
  /**
   * Hands committed rows, oldest first, to `deliver`, about `limit` bodies at a time, and removes those it
   * does not refuse once it has resolved. A crash between the two hands them out again: `deliver` must be
   * idempotent. What it refuses is tried again later, a bounded number of times; when it rejects, all stay.
   */
  relay(
    limit: number,
    deliver: (rows: readonly OutboxRow[]) => Promise<readonly Refusal[]>,
  ): Promise<Relayed>;
  /** How many rows are set aside. */
  countSetAside(): Promise<number>;
}
