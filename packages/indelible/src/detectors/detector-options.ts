import { AFTER_HOURS_READS, afterHoursReads } from './after-hours-reads.js';
import { countingDetector } from './counting.js';
import { DENIED_ATTEMPTS, deniedAttempts } from './denied-attempts.js';
import type { CountingRule, Detector, Thresholds } from './detector.js';
import { FAILED_LOGINS, failedLogins } from './failed-logins.js';
import type { Hours } from './hours.js';
import { LOGIN_AFTER_FAILURES, loginAfterFailures } from './login-after-failures.js';
import { MASS_DELETION, massDeletion } from './mass-deletion.js';
import { MASS_EXPORT, massExport } from './mass-export.js';
import type { WebhookOptions } from './webhook.js';

/** What is suspicious: each detector's thresholds, or false for one that is not wanted. What is left out stays as it is. */
export interface DetectorOptions {
  /** Failed logins from one address within 7 days: `{ medium: 5, high: 10 }`. */
  readonly failedLogins?: Thresholds | false | undefined;
  /** Reads by all together outside the hours of the trail's zone, within 7 days: `{ low: 51, opens: '08:00', closes: '18:00' }`. */
  readonly afterHoursReads?: (Thresholds & Partial<Hours>) | false | undefined;
  /** Deletions by one user within an hour: `{ high: 11 }`. */
  readonly massDeletion?: Thresholds | false | undefined;
  /** Records that one user exports or downloads within an hour: `{ medium: 21, high: 101 }`. */
  readonly massExport?: Thresholds | false | undefined;
  /** Denied attempts by one user or from one address within 15 minutes: `{ medium: 5, high: 20 }`. */
  readonly deniedAttempts?: Thresholds | false | undefined;
  /** Failed logins of an account within the hour before one from a new address: `{ medium: 5, high: 10 }`. */
  readonly loginAfterFailures?: Thresholds | false | undefined;
  /** Detectors of the application's own. */
  readonly own?: readonly (CountingRule | Detector)[] | undefined;
  /** Where `audit.watchFindings` sends what is new. */
  readonly webhook?: WebhookOptions | undefined;
}

/** The detectors that the options ask for. */
export function detectorsOf(options: DetectorOptions): readonly Detector[] {
  return [
    ...made(failedLogins, FAILED_LOGINS, options.failedLogins),
    ...made(afterHoursReads, AFTER_HOURS_READS, options.afterHoursReads),
    ...made(massDeletion, MASS_DELETION, options.massDeletion),
    ...made(massExport, MASS_EXPORT, options.massExport),
    ...made(deniedAttempts, DENIED_ATTEMPTS, options.deniedAttempts),
    ...made(loginAfterFailures, LOGIN_AFTER_FAILURES, options.loginAfterFailures),
    ...(options.own ?? []).map((own) => ('watch' in own ? own : countingDetector(own))),
  ];
}

function made<T extends Thresholds>(
  make: (from: T) => Detector,
  usual: T,
  given: Partial<T> | false | undefined,
): Detector[] {
  return given === false ? [] : [make({ ...usual, ...given })];
}
