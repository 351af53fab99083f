import type { Failpoint } from '../../src/stores/failpoints.js';

/** What a test asks of a process of its own that removes, as JSON in its first argument. */
export interface RemovingTask {
  readonly path: string;
  readonly eventId: string;
  readonly ids: readonly string[];
  /** How many are removed at a time. */
  readonly batch: number;
  /** Dies on the way of the first batch; without it, it removes batch by batch until it is killed or done. */
  readonly dieAt?: Failpoint;
}
