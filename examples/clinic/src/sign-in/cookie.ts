import type { Request, Response } from 'express';

import { LIFETIME_MS } from './sessions.js';

const NAME = 'clinic_session';

/** The token, kept by the browser for pages of the clinic, and out of reach of their scripts. */
export function setCookie(request: Request, response: Response, token: string): void {
  response.cookie(NAME, token, { ...attributes(request), maxAge: LIFETIME_MS });
}

export function clearCookie(request: Request, response: Response): void {
  response.clearCookie(NAME, attributes(request));
}

export function tokenInCookie(cookies = ''): string | undefined {
  for (const pair of cookies.split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === NAME && value !== undefined && /^[\w-]{20,100}$/.test(value)) return value;
  }
  return undefined;
}

/** Other sites can make a browser send its cookie: what changes anything must say that it comes from here. */
export function isFromOwnPage(request: Request): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return true;
  const origin = request.get('origin');
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === request.get('host');
}

function attributes({ secure }: Request): object {
  return { httpOnly: true, sameSite: 'lax', path: '/', secure };
}
