import { countingDetector } from './counting.js';
import type { Detector, Thresholds } from './detector.js';
import { closedHours, type Hours } from './hours.js';
import { leastOf } from './least.js';

const WEEK_MS = 7 * 86_400_000;

export const AFTER_HOURS_READS: Thresholds & Hours = { low: 51, opens: '08:00', closes: '18:00' };

/** Records that are looked at when nobody should be at work, by anybody but a program of the house. Only those hours are read. */
export function afterHoursReads({ opens, closes, ...from }: Thresholds & Hours): Detector {
  return countingDetector({
    type: 'after_hours_reads',
    actions: ['READ', 'LIST', 'SEARCH', 'PRINT'],
    withinMs: WEEK_MS,
    from,
    during: (window) => closedHours(window, { opens, closes }),
    of: ({ actor }) => (actor.type === 'system' ? undefined : { key: 'all users' }),
    describe: ({ count }) =>
      `${count} reads outside ${opens}-${closes} by all users together; unusual from ${leastOf(from)} within 7 days`,
  });
}
