import { randomUUID } from 'node:crypto';

import type { Request, RequestHandler } from 'express';

import type { ClinicAudit } from '../audit.js';
import { actorOf } from '../users/user.js';

/**
 * Everything a request sets off is recorded with who sent it and from where. The functions are called when
 * an event is written: by then the caller has been found, which happens after this middleware.
 */
export function requestContext(audit: ClinicAudit): RequestHandler {
  return (request, response, next) => {
    const facts = {
      id: randomUUID(),
      method: request.method,
      path: request.path,
      query: { ...request.query },
      ip: addressOf(request),
      ipSource: 'socket',
      userAgent: request.get('user-agent'),
    };
    response.set('X-Request-Id', facts.id);
    const context = {
      request: () => ({ ...facts, route: routeOf(request) }),
      actor: () => request.caller && actorOf(request.caller.user),
      sessionId: () => request.caller && String(request.caller.session.id),
    };
    audit.run(context, next);
  };
}

/** The socket's address: a header could say anything. */
function addressOf(request: Request): string | undefined {
  return request.socket.remoteAddress?.replace(/^::ffff:/, '');
}

/** Known once a route has matched. */
function routeOf(request: Request): string | undefined {
  const route = request.route as { path: string } | undefined;
  return route?.path;
}
