import { isFields } from '../reads/shown.js';

/** How Node says what it could not parse: by quoting it. */
const QUOTES_JSON = /["'`] is not valid JSON|in JSON at position/;
const MOST_CAUSES = 3;

/**
 * An error as its event may tell it. What could not be parsed is quoted by whoever tried to, and a body may hold a
 * password: then only the kind of error is left, and of one that was made of such an error its own words.
 */
export function tellable(error: unknown): unknown {
  if (quotesBody(error)) return { name: nameOf(error), message: 'The body could not be parsed.' };
  return hasQuotingCause(error, 0) ? { name: nameOf(error), message: messageIn(error) } : error;
}

function quotesBody(error: unknown): boolean {
  if (!isFields(error)) return false;
  if (error['type'] === 'entity.parse.failed' || error instanceof SyntaxError) return true;
  return QUOTES_JSON.test(messageIn(error) ?? '');
}

function hasQuotingCause(error: unknown, depth: number): boolean {
  if (!isFields(error) || depth > MOST_CAUSES) return false;
  const { cause } = error;
  return quotesBody(cause) || hasQuotingCause(cause, depth + 1);
}

function messageIn(error: unknown): string | undefined {
  const message = isFields(error) ? error['message'] : undefined;
  return typeof message === 'string' ? message : undefined;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'Error';
}
