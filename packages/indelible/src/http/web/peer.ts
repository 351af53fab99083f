import { AuditError } from '../../event/errors.js';
import type { Watching } from '../watching.js';

/**
 * Asks at once what the application says of a request's address: a server may no longer know it when the request is
 * over.
 */
export function peerBy(watching: Watching, ask: () => string | undefined): string | undefined {
  try {
    return ask();
  } catch (error) {
    watching.report(
      AuditError.from(error, 'INVALID_OPTIONS', 'The option `peer` failed, so that a request has no address'),
    );
    return undefined;
  }
}
