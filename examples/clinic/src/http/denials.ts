import type { ErrorRequestHandler } from 'express';

import type { ClinicAudit } from '../audit.js';
import { Denied } from '../problem.js';

/** Records the refusals that know more than their route does: whose record it was. The others tell themselves. */
export function tellDenials(audit: ClinicAudit): ErrorRequestHandler {
  return async (error: unknown, _request, _response, next) => {
    if (error instanceof Denied) {
      const { attempt, status } = error;
      await audit.auth.denied({ ...attempt, request: { statusCode: status } });
    }
    next(error);
  };
}
