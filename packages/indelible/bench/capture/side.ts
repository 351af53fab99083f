import type { Ground } from './ground.js';

/** What is written through one ORM, as an application would write it. */
export interface Writer {
  /** Sets `status` and `visits` of one row, in one statement. */
  single(id: number, visits: number): Promise<unknown>;
  /** Sets `status` of every row, in one statement. */
  bulk(status: string): Promise<unknown>;
  close(): Promise<unknown>;
}

/** One of the ways that are compared: an ORM as it is, or with something that captures what it writes. */
export interface Side {
  readonly name: string;
  /** The sides of the same comparison that this one is measured against; none for a plain one. */
  readonly baselines: readonly string[];
  /** True where every change must have been recorded, or the run is no measurement. */
  readonly mustRecord: boolean;
  /** Updates so many rows one after another, from the one numbered `first`. */
  singles?(first: number, count: number, visits: number): Promise<unknown>;
  bulk(status: string): Promise<unknown>;
  /** One update in a transaction that is then given up. */
  rolledBack?(visits: number): Promise<unknown>;
  /** How many changes were recorded since it was last asked; they are removed. */
  take?(): Promise<number>;
}

/** Sides that write the same table, opened and ready. */
export interface OpenSides {
  readonly sides: readonly Side[];
  /** The table into which a peer writes what it records. */
  readonly auditTable?: string | undefined;
  /** What a reader of the figures should know. */
  readonly notes?: readonly string[] | undefined;
  close(): Promise<void>;
}

/** What is compared in rounds: an ORM as it is, and what captures its writes. */
export interface Comparison {
  readonly name: string;
  /** Somebody else's, in a process of its own: what does not run is left out and said so. */
  readonly isPeer: boolean;
  /** `url` is the ground's, or another way to the same database. */
  open(ground: Ground, url: string): Promise<OpenSides>;
}
