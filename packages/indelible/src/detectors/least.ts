import { SEVERITIES, type Thresholds } from './detector.js';

/** From how many on something is found at all. */
export function leastOf(from: Thresholds): number {
  return Math.min(...SEVERITIES.map((severity) => from[severity] ?? Infinity));
}
