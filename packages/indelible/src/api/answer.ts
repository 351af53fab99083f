import { createHash } from 'node:crypto';

/** What every answer says to a browser: that it is for nobody else, and runs and shows nothing. */
const ALWAYS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

const JSON_TYPE = 'application/json; charset=utf-8';
const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...ALWAYS, 'Content-Type': JSON_TYPE, ...headers },
  });
}

export function problem(
  body: unknown,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return json(body, status, { 'Content-Type': PROBLEM_TYPE, ...headers });
}

export function nothing(headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, { status: 204, headers: { ...ALWAYS, ...headers } });
}

/** Text, or a stream of it, of another kind. */
export function document(
  body: string | ReadableStream<Uint8Array>,
  type: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(body, { headers: { ...ALWAYS, 'Content-Type': type, ...headers } });
}

/** An answer that a client may keep and ask for again by its tag. */
export function kept(body: unknown, request: Request): Response {
  const text = JSON.stringify(body);
  const tag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
  const headers = {
    ...ALWAYS,
    'Cache-Control': 'private, no-cache',
    ETag: tag,
    Vary: 'Authorization, Cookie',
  };
  const known = request.headers.get('if-none-match')?.split(',') ?? [];
  if (known.some((one) => one.trim().replace(/^W\//, '') === tag || one.trim() === '*'))
    return new Response(null, { status: 304, headers });
  return new Response(text, { headers: { ...headers, 'Content-Type': JSON_TYPE } });
}
