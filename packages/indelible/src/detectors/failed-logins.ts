import { countingDetector } from './counting.js';
import type { Detector, Thresholds } from './detector.js';
import { leastOf } from './least.js';
import { byAddress, named } from './whom.js';

const WEEK_MS = 7 * 86_400_000;

export const FAILED_LOGINS: Thresholds = { medium: 5, high: 10 };

/** Somebody who guesses passwords, slowly or in a flood, from one address. */
export function failedLogins(from: Thresholds): Detector {
  return countingDetector({
    type: 'failed_logins',
    actions: ['LOGIN_FAILED'],
    withinMs: WEEK_MS,
    from,
    of: byAddress,
    describe: ({ key, count }) =>
      `${count} failed logins from ${named(key)}; suspicious from ${leastOf(from)} within 7 days`,
  });
}
