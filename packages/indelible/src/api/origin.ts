import type { ApiSettings, Viewer } from './options.js';
import { Refusal } from './refusal.js';

/** What a browser sends along by itself, whoever's page asks it to. */
const SENT_BY_ITSELF = /^(?:basic|digest|negotiate|ntlm)\b/i;

/**
 * Another page can make a browser send a cookie, but not say that it was this page that asked. What changes something,
 * and what hands the trail out, is done with a cookie only for the page's own origin, or a trusted one.
 */
export function checkOrigin(
  request: Request,
  viewer: Viewer,
  { trustedOrigins }: Pick<ApiSettings, 'trustedOrigins'>,
): void {
  if (!isByCookie(request, viewer)) return;
  const origin = request.headers.get('origin');
  if (origin === null ? isOfOwnPage(request) : isOwn(origin, request) || trustedOrigins.has(origin)) return;
  throw new Refusal(
    403,
    'A request signed in by cookie must come from a page of its own origin, or a trusted one; nothing was done. Use such a page, or a bearer token.',
    { code: 'FOREIGN_ORIGIN' },
  );
}

function isByCookie({ headers }: Request, { by }: Viewer): boolean {
  if (by !== undefined) return by === 'cookie';
  const authorization = headers.get('authorization');
  return authorization === null ? headers.has('cookie') : SENT_BY_ITSELF.test(authorization);
}

/** Browsers send no Origin with a plain GET to their own page's server, but say so otherwise. */
function isOfOwnPage(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site');
  if (site !== null) return site === 'same-origin';
  const referrer = request.headers.get('referer');
  return referrer !== null && isOwn(referrer, request);
}

/** Behind a proxy that takes care of TLS the server itself is asked by http. */
function isOwn(address: string, request: Request): boolean {
  if (!URL.canParse(address)) return false;
  const [from, own] = [new URL(address), new URL(request.url)];
  return from.host === own.host && (from.protocol === own.protocol || from.protocol === 'https:');
}
