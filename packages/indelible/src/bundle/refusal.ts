import { AuditError } from '../event/errors.js';

/** A bundle that is none, or that was made to harm whoever opens it. */
export function refused(found: string, cause?: unknown): AuditError {
  return new AuditError(
    'BUNDLE_REFUSED',
    `This is no evidence bundle that can be read: ${found}. Ask for it again from where it was made.`,
    cause,
  );
}
