import type { Request, RequestHandler } from 'express';

import { Denied, Problem } from '../problem.js';
import type { User } from '../users/user.js';
import type { Session, Sessions } from './sessions.js';

declare global {
  namespace Express {
    interface Request {
      /** Who is signed in, and by which session. */
      caller?: Caller | undefined;
    }
  }
}

export interface Caller {
  readonly user: User;
  readonly session: Session;
}

/** Finds out who is calling, where a valid token says so. */
export function authenticate(sessions: Sessions): RequestHandler {
  return (request, _response, next) => {
    const token = /^(?:Bearer|Token) +([\w-]{20,100})$/i.exec(request.get('authorization') ?? '')?.[1];
    request.caller = token === undefined ? undefined : sessions.find(token);
    next();
  };
}

/** The signed-in caller; without one the request is refused. What was attempted is what the route says by default. */
export function callerOf(request: Request, attempted?: string): Caller {
  if (request.caller !== undefined) return request.caller;
  const detail = 'Sign in at /api/login/ and send the token as Authorization: Bearer <token>.';
  throw attempted === undefined ? new Problem(401, detail) : new Denied(401, detail, { attempted });
}
