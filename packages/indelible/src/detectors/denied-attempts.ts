import { countingDetector } from './counting.js';
import type { Detector, Thresholds } from './detector.js';
import { leastOf } from './least.js';
import { byActor, byAddress, named } from './whom.js';

const WITHIN_MS = 15 * 60_000;

export const DENIED_ATTEMPTS: Thresholds = { medium: 5, high: 20 };

/** One who is kept away again and again: a user or, where nobody is signed in, an address. */
export function deniedAttempts(from: Thresholds): Detector {
  return countingDetector({
    type: 'denied_attempts',
    actions: ['ACCESS_DENIED'],
    withinMs: WITHIN_MS,
    from,
    of: (event) => byActor(event) ?? byAddress(event),
    describe: ({ key, count }) =>
      `${count} denied attempts by ${named(key)}; suspicious from ${leastOf(from)} within 15 minutes`,
  });
}
