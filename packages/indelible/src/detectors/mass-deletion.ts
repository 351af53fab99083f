import { countingDetector } from './counting.js';
import type { Detector, Thresholds } from './detector.js';
import { leastOf } from './least.js';
import { byActor, named } from './whom.js';

const HOUR_MS = 3_600_000;

export const MASS_DELETION: Thresholds = { high: 11 };

/** One user who deletes record after record. What goes with a record by cascade is deleted, too. */
export function massDeletion(from: Thresholds): Detector {
  return countingDetector({
    type: 'mass_deletion',
    actions: ['DELETE'],
    withinMs: HOUR_MS,
    from,
    of: (event) => (event.outcome === 'success' ? byActor(event) : undefined),
    describe: ({ key, count }) =>
      `${count} deletions by ${named(key)}; suspicious from ${leastOf(from)} within an hour`,
  });
}
