import type { Json } from '../event/event.js';

/** The columns of a row and their values, as the database wrote them as JSON. */
export type Row = Readonly<Record<string, Json>>;

/**
 * One row's change, as an engine writes it into the outbox beside the row itself, in JSON text. An update
 * says in `after` what changed, and in `before` what that replaced and every column its model keeps.
 */
export interface RowChange {
  readonly op: 'INSERT' | 'UPDATE' | 'DELETE' | 'SNAPSHOT';
  readonly model: string;
  /** The key's columns, in their order; their values are among the row's. Empty for a table without a key. */
  readonly key: readonly string[];
  readonly before?: Row | undefined;
  readonly after?: Row | undefined;
  /** Who the record is about and whose it is, where the model's paths to them could be followed. */
  readonly subject?: string | null | undefined;
  readonly tenant?: string | null | undefined;
}

/** A write that an engine could not take apart, as it is told in the outbox instead. */
export interface StatementChange {
  readonly op: 'STATEMENT';
  /** The models it may have written, as far as they could be seen. */
  readonly models: readonly string[];
  readonly verb: string;
  /** SHA-256 of the statement's text, in hexadecimal: the text itself may hold values. */
  readonly fingerprint: string;
  /** How many rows the database said it wrote. */
  readonly rows: number | null;
  /** Why it could not be taken apart. */
  readonly reason: string;
}

export type Change = RowChange | StatementChange;

/** What a hidden column holds instead of its value, so that a change of it still shows. */
export const HIDDEN_BEFORE = 0;
export const HIDDEN_AFTER = 1;
