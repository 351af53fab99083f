import type { Entry } from '../../event/entry.js';
import type { SealLog, Tally } from '../../stores/seal-log.js';
import type { Store } from '../../stores/store.js';
import type { TestRunner } from '../contract/contract.js';

export type SealedStore = Store & SealLog;

/** A log to be held to its contract, and ways to its rows that do not go through it. */
export interface SealLogUnderTest {
  /** Migrated, and empty. */
  readonly store: SealedStore;
  /** One more store on the same data, as another process would open it; `remove` closes it, too. */
  readonly another: () => Promise<SealedStore>;
  /** Every row of the log's own tables, in any form that can be compared. */
  readonly rawLog: () => Promise<unknown>;
  readonly rawTallies: () => Promise<readonly Tally[]>;
  /** Stores an event in a place that the log has passed, as somebody with the database in hand could. */
  readonly slipIn: (entry: Entry) => Promise<void>;
  /** Takes the row of an event away, whatever guards it. */
  readonly takeAway: (id: string) => Promise<void>;
  /** Closes whatever is still open and removes what was made. */
  readonly remove: () => Promise<void>;
}

/** What the parts of the contract work with: each test has a log of its own, or one that is only read. */
export interface SealLogContract {
  readonly runner: TestRunner;
  /** A log for one test, removed after it. */
  readonly alone: (test: (subject: SealLogUnderTest) => Promise<void>) => Promise<void>;
  /** A log of its own, kept until every test has ended. */
  readonly kept: () => Promise<SealLogUnderTest>;
}
