import type { Entry } from '../src/event/entry.js';
import type { Store } from '../src/stores/store.js';

/** A fresh, empty, migrated trail to measure in. */
export interface Place {
  readonly store: Store;
  /** Makes everything ready, and gives the function that only inserts. */
  prepareRaw(batches: readonly (readonly Entry[])[]): Promise<() => Promise<void>>;
  /** What the database would do by itself in time: gathers what its planner goes by. */
  settle(): Promise<void>;
  /** Bytes on disk: of the rows themselves, and of their indexes. */
  size(): Promise<{ readonly rows: number; readonly indexes: number }>;
  close(): Promise<void>;
}

/** A database to measure, and the quickest way it has to take rows in. */
export interface Bed {
  readonly name: string;
  readonly rawName: string;
  open(): Promise<Place>;
  close(): Promise<void>;
}
