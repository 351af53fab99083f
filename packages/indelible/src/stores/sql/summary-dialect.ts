import type { Fragment } from './dialect.js';
import type { Row } from './reader.js';
import type { Range } from './summary-span.js';

/** Where the two databases differ in what they know of sealed events and of those without a leaf. */
export interface TallyDialect {
  /** What has to be known of the log before `unsealed` can be said. */
  readonly standing?: Fragment | undefined;
  /**
   * A selection of events without a leaf, from an index and no more than so many; undefined where only the log itself
   * can tell which these are. `standing` may be older than the statement that the selection is for.
   */
  unsealed(standing: Row | undefined, columns: Fragment, limit: number): Fragment | undefined;
  /** A condition that goes through the values of a selection one by one, each with a range of an index. */
  isAmong(column: string, values: Fragment): Fragment;
  /** A moment as tallies have it. */
  quarter(ms: number): Fragment;
  /** A table `day` of ranges of such moments, its columns being `n`, `from_quarter` and `to_quarter`. */
  days(days: readonly Range<number>[]): Fragment;
}
