import type { Request, RequestHandler } from 'express';

import { Denied, Problem } from '../problem.js';
import type { User } from '../users/user.js';
import { isFromOwnPage, tokenInCookie } from './cookie.js';
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
  /** A browser sends its cookie along by itself; a token is sent by whoever has it. */
  readonly by: 'token' | 'cookie';
}

/** Finds out who is calling, where a valid token says so: that of the header, or without one that of the cookie. */
export function authenticate(sessions: Sessions): RequestHandler {
  return async (request, _response, next) => {
    const given = tokenOf((name) => request.get(name));
    const found = given && (await sessions.find(given.token));
    request.caller = found && { ...found, by: given.by };
    next();
  };
}

/** The signed-in caller; without one the request is refused. What was attempted is what the route says by default. */
export function callerOf(request: Request, attempted?: string): Caller {
  const { caller } = request;
  const about = attempted === undefined ? undefined : { attempted };
  if (caller === undefined) {
    const detail = 'Sign in at /api/login/ and send the token as Authorization: Bearer <token>.';
    throw about === undefined ? new Problem(401, detail) : new Denied(401, detail, about);
  }
  if (caller.by === 'cookie' && !isFromOwnPage(request)) {
    const detail = 'A request that is signed in by a cookie must come from a page of the clinic itself.';
    throw about === undefined ? new Problem(403, detail) : new Denied(403, detail, about);
  }
  return caller;
}

/** What proves who sends a request: the header, or without one the cookie. */
export function tokenOf(
  header: (name: string) => string | undefined,
): { readonly token: string; readonly by: Caller['by'] } | undefined {
  const sent = header('authorization');
  const token = sent === undefined ? tokenInCookie(header('cookie')) : tokenIn(sent);
  return token === undefined ? undefined : { token, by: sent === undefined ? 'cookie' : 'token' };
}

function tokenIn(header: string): string | undefined {
  return /^(?:Bearer|Token) +([\w-]{20,100})$/i.exec(header)?.[1];
}
