/** Why a call did not do what it was asked. */
export interface Failure {
  readonly status: number;
  /** A word of better-auth's, such as `invalid_email_or_password`. */
  readonly why: string;
}

/** The failure that a call returned, as an error or by sending the browser to a page with one; undefined for none. */
export function failureOf(returned: unknown): Failure | undefined {
  if (!(returned instanceof Error) || returned.name !== 'APIError') return undefined;
  const { statusCode, body, headers } = returned as Error & Record<string, unknown>;
  const status = Number(statusCode);
  if (status >= 400) return { status, why: wordOf(Reflect.get(Object(body), 'code')) };
  const error = headers instanceof Headers ? errorIn(headers.get('location')) : undefined;
  return error === undefined ? undefined : { status, why: wordOf(error) };
}

function errorIn(location: string | null): string | undefined {
  if (location === null || !URL.canParse(location, 'http://localhost')) return undefined;
  return new URL(location, 'http://localhost').searchParams.get('error') ?? undefined;
}

/** A provider may send anything back as its error; only a word is kept. */
function wordOf(given: unknown): string {
  return typeof given === 'string' && /^\w{1,60}$/.test(given) ? given.toLowerCase() : 'failed';
}
