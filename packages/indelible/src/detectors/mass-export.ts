import type { AuditEvent } from '../event/event.js';
import { countingDetector } from './counting.js';
import type { Detector, Thresholds } from './detector.js';
import { leastOf } from './least.js';
import { byActor, named } from './whom.js';

const HOUR_MS = 3_600_000;

export const MASS_EXPORT: Thresholds = { medium: 21, high: 101 };

/** One user who takes many records out of the house, in many files or in one. */
export function massExport(from: Thresholds): Detector {
  return countingDetector({
    type: 'mass_export',
    actions: ['EXPORT', 'DOWNLOAD', 'AUDIT_EXPORTED'],
    withinMs: HOUR_MS,
    from,
    of: (event) => {
      const by = event.outcome === 'success' ? byActor(event) : undefined;
      return by && { ...by, count: handedOut(event) };
    },
    describe: ({ key, count }) =>
      `${count} records exported or downloaded by ${named(key)}; suspicious from ${leastOf(from)} within an hour`,
  });
}

/** A list that is exported is as many records as it holds, as far as the event says so; an export of the trail is one. */
function handedOut({ action, count, subjects, metadata }: AuditEvent): number {
  if (action === 'AUDIT_EXPORTED') return count;
  const listed = metadata?.['count'];
  const known = typeof listed === 'number' && Number.isSafeInteger(listed) ? listed : 0;
  return Math.max(count, subjects.length, known);
}
