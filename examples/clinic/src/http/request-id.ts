import type { RequestHandler } from 'express';

import type { ClinicAudit } from '../audit.js';

/** Tells every caller the id that all events of their request carry: who reports a mistake can name it. */
export function tellRequestId(audit: ClinicAudit): RequestHandler {
  return (_request, response, next) => {
    const id = audit.context().request?.id;
    if (id !== undefined) response.set('X-Request-Id', id);
    next();
  };
}
