/** Every code an `AuditError` can carry; `docs/errors.md` says for each what happened and what to do. */
export const ERROR_CODES = [
  'INVALID_OPTIONS',
  'INVALID_FILTER',
  'INVALID_CURSOR',
  'ORDERING_TOO_BROAD',
  'QUERY_TIMEOUT',
  'NOT_CANONICAL',
  'NOT_PROVABLE',
  'LOG_DAMAGED',
  'LOG_INCONSISTENT',
  'NO_CONNECTION',
  'NO_OUTBOX',
  'CLOSED',
  'TRAIL_UNAVAILABLE',
  'EVENT_CONFLICT',
  'EVENT_REFUSED',
  'EVENTS_DROPPED',
  'SPOOL_DAMAGED',
  'SPOOL_UNAVAILABLE',
  'OUTBOX_UNAVAILABLE',
  'STORE_UNAVAILABLE',
  'STORE_NOT_MIGRATED',
  'STORE_UNSAFE',
  'UNSUPPORTED_STATEMENT',
  'NOT_CAPTURED',
  'UNKNOWN_ACTION',
  'CLOCK_JUMPED',
  'CONFIG_NOT_FOUND',
  'CONFIG_INVALID',
  'KEY_EXISTS',
  'KEY_INVALID',
  'ANCHOR_UNAVAILABLE',
  'BUNDLE_REFUSED',
  'REMOVAL_RUNNING',
  'UNDER_FLOOR',
  'UNDER_HOLD',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/**
 * The one error class of the library. The message says what failed, what was found and what to do;
 * the code is stable and may be matched on.
 *
 * @example
 * ```ts
 * try {
 *   await audit.find({ pageSize: -1 });
 * } catch (error) {
 *   if (error instanceof AuditError && error.code === 'INVALID_FILTER') console.log(error.message);
 * }
 * ```
 */
export class AuditError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'AuditError';
    this.code = code;
  }

  /** True also for an error made by another copy of the library in the same process. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'AuditError' && 'code' in value;
  }

  /** Any caught value as an `AuditError`: itself when it is one, else wrapped under `code`. */
  static from(cause: unknown, code: ErrorCode, message: string): AuditError {
    return cause instanceof AuditError
      ? cause
      : new AuditError(code, `${message}: ${messageOf(cause)}`, cause);
  }
}

/** The message of whatever was thrown, which need not be an Error. */
export function messageOf(cause: unknown): string {
  try {
    return cause instanceof Error ? cause.message : String(cause);
  } catch {
    // Something hostile was thrown, which cannot even be made a text.
    return 'something unreadable was thrown';
  }
}
