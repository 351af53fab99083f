import type { NumberingAccount } from './numbering/numbering.js';
import type { RemovalAccount } from './removals.js';
import type { EventVerdict, LogVerdict, Violation } from './verdict.js';

/**
 * What a verification is worth: `tamper-detecting` when signatures were only found beside the data, where whoever
 * holds both the data and the key could have made them anew; `tamper-evident` when they were held against
 * checkpoints that were kept elsewhere; `none` when there was nothing signed.
 */
export type Assurance = 'none' | 'tamper-detecting' | 'tamper-evident';

/** What was found. */
export interface Verification {
  /** True when every leaf that was looked at is under a good signature and nothing is wrong. */
  readonly isGood: boolean;
  /** False when there was no checkpoint to hold anything against. */
  readonly isProvable: boolean;
  readonly log: LogVerdict;
  readonly assurance: Assurance;
  /** The name of the log; null while nothing says it. */
  readonly origin: string | null;
  /** The leaves that were looked at, from the first up to and without the last. */
  readonly from: number;
  readonly to: number;
  /** The leaves up to here are under a signed root that holds. */
  readonly proved: number;
  /** Checkpoints of the log that hold. */
  readonly checkpoints: number;
  /** Checkpoints that were kept elsewhere, and which the log continues. */
  readonly known: number;
  readonly counts: Readonly<Record<EventVerdict, number>>;
  readonly removals: readonly RemovalAccount[];
  /** Null when numbers were not looked at, since not the whole log was. */
  readonly numbering: NumberingAccount | null;
  /** The first of them. */
  readonly violations: readonly Violation[];
  /** How many there are. */
  readonly violationCount: number;
}
