import type { ChangeRules } from '../event/changes.js';

/** A record's fields as a function of the application's is given them: only the columns it asked for. */
export type KeptColumns = Readonly<Record<string, unknown>>;

/** What is kept of a model, and how its records are named and belong. */
export interface ModelRules extends ChangeRules {
  /** The table its rows are in, with its schema when that is not on the search path; the model's name by default. */
  readonly table?: string | undefined;
  /**
   * Who the record is about: a column, a path over foreign keys such as `invoice_id.appointment_id.patient_id`,
   * or a function of some of the record's columns.
   */
  readonly subject?: string | Derived | undefined;
  /** Whose record it is, as `subject`. */
  readonly tenant?: string | Derived | undefined;
  /** The record's human text. */
  readonly label?: Derived | undefined;
}

/** A text made of some of a record's columns, which are captured also when they did not change. */
export interface Derived {
  readonly columns: readonly string[];
  readonly text: (record: KeptColumns) => string | null | undefined;
}

/** What an engine keeps of one table. */
export interface TableRules {
  readonly model: string;
  /** True for a column that never leaves the table. */
  isExcluded(column: string): boolean;
  /** True for a column of which only is kept whether it changed. */
  isHidden(column: string): boolean;
  /** True for a column whose change alone is no change. */
  isIgnored(column: string): boolean;
  /** The steps to the subject: foreign keys, then a column. */
  readonly subject: readonly string[] | undefined;
  readonly tenant: readonly string[] | undefined;
  /** Columns that are captured also when they did not change. */
  readonly kept: readonly string[];
}

export interface TableName {
  readonly schema?: string | undefined;
  readonly name: string;
}

/** Which tables are captured, and what of each is kept. */
export interface Tables {
  /** Undefined for a table that is not captured. */
  rulesOf(table: TableName): TableRules | undefined;
}
