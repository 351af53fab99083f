import { AuditError, messageOf } from '../../event/errors.js';

/** No such table, function or column, and no such schema. */
const NOT_MIGRATED = new Set(['42P01', '42883', '42703', '3F000']);

/** Data exceptions, NULL where there must be a value, violated checks, an index entry that is too large. */
const FOR_GOOD = /^(22...|23502|23514|54000)$/;
const CHECK_VIOLATION = '23514';

/** The SQLSTATE of an error that the server answered with; undefined when the connection failed. */
export function sqlState(error: unknown): string | undefined {
  return isServerError(error) ? error.code : undefined;
}

/** True for a statement that the server refused without ending the connection. */
export function isRefusal(error: unknown): boolean {
  return isServerError(error) && error.severity !== 'FATAL' && error.severity !== 'PANIC';
}

/** Any error of the driver as an `AuditError` about the place, with the secret left out of its message. */
export function failure(cause: unknown, place: string, secret: string): AuditError {
  if (cause instanceof AuditError) return cause;
  const found = withoutSecret(textOf(cause), secret);
  if (NOT_MIGRATED.has(sqlState(cause) ?? '')) {
    return new AuditError(
      'STORE_NOT_MIGRATED',
      `The trail in ${place} is not set up, or not by this version (${found}). Run: npx indelible migrate`,
      cause,
    );
  }
  return new AuditError('STORE_UNAVAILABLE', `The trail in ${place} could not be used: ${found}`, cause);
}

/**
 * The `EVENT_REFUSED` for an error that comes back however often the entries are sent: a value that no column can hold.
 * An event for which there is no partition violates a check too, but none that has a name: it can be mended.
 */
export function refusalOf(cause: unknown): AuditError | undefined {
  if (!isServerError(cause)) return undefined;
  const isForGood =
    FOR_GOOD.test(cause.code) && (cause.code !== CHECK_VIOLATION || cause.constraint !== undefined);
  return isForGood ? refused(cause) : undefined;
}

export function refused(cause: unknown): AuditError {
  return new AuditError(
    'EVENT_REFUSED',
    `The trail cannot hold an event that was given: ${messageOf(cause)}. None of its batch was stored.`,
    cause,
  );
}

interface ServerError {
  readonly code: string;
  readonly severity: string;
  readonly constraint?: string | undefined;
}

function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && 'severity' in error && 'code' in error;
}

/** A connection tried at several addresses fails with one error that has no message of its own. */
function textOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '') return cause.errors.map(messageOf).join('; ');
  return messageOf(cause);
}

function withoutSecret(text: string, secret: string): string {
  const masked = text.replaceAll(/\/\/[^\s/]*@/g, '//***@');
  return secret === '' ? masked : masked.replaceAll(secret, '***');
}
