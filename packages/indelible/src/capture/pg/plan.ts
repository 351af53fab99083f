import type { TableReference } from './statement.js';

/** How a write is sent instead, and how its answer is turned back into the one that was asked for. */
export interface Rewritten {
  readonly kind: 'rewritten';
  readonly text: string;
  /** The number of the parameter that takes the context; it comes after those of the statement. */
  readonly contextAt: number;
  /** The tag of the command that the user sent. */
  readonly command: 'INSERT' | 'UPDATE' | 'DELETE';
  /**
   * `count`: one row with one bigint, the number of rows written, where the user asked for none.
   * `rows`: the user's rows, with so many columns of ours behind them.
   */
  readonly answer: 'count' | 'rows';
  readonly hiddenColumns: number;
  readonly model: string;
}

/** What is sent as it is, and told afterwards as a STATEMENT, or refused. */
export interface Told {
  readonly kind: 'told';
  readonly verb: string;
  readonly tables: readonly TableReference[];
  readonly models: readonly string[];
  readonly reason: string;
}

/** What is sent as it is. */
export interface Passed {
  readonly kind: 'passed';
  /** True when the catalogue must be read anew after it. */
  readonly definesTables: boolean;
}

export type Plan = Rewritten | Told | Passed;
