import { AuditError, messageOf } from '../../event/errors.js';

/** No such table, function or column, and no such schema. */
const NOT_MIGRATED = new Set(['42P01', '42883', '42703', '3F000']);

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

interface ServerError {
  readonly code: string;
  readonly severity: string;
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
