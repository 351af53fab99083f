/** What is known of one event. */
export type EventVerdict = 'VALID' | 'PENDING' | 'PURGED' | 'ERASED' | 'TAMPERED' | 'MISSING';

/** What is known of the log as a whole. */
export type LogVerdict = 'CONSISTENT' | 'GAP' | 'BAD_SIGNATURE' | 'ROLLBACK' | 'FORK';

/** From the best to the worst: a log is called by the worst that was found. */
const BY_GRAVITY: readonly LogVerdict[] = ['CONSISTENT', 'GAP', 'BAD_SIGNATURE', 'ROLLBACK', 'FORK'];

/** Something that is not as it was sealed, or was not sealed as it must be. */
export interface Violation {
  readonly verdict: 'TAMPERED' | 'MISSING' | 'PENDING' | Exclude<LogVerdict, 'CONSISTENT'>;
  /** The leaf, or the first of those among which it must be looked for; null where no leaf is meant. */
  readonly index: number | null;
  /** The last of them. */
  readonly last: number | null;
  /** The event. */
  readonly id: string | null;
  /** What is wrong, in a sentence. */
  readonly what: string;
}

export function worse(one: LogVerdict, other: LogVerdict): LogVerdict {
  return BY_GRAVITY.indexOf(one) < BY_GRAVITY.indexOf(other) ? other : one;
}

export function isLogVerdict(verdict: string): verdict is LogVerdict {
  return BY_GRAVITY.some((one) => one === verdict);
}
