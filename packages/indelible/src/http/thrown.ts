import { isFields } from '../reads/shown.js';

/** How Node says what it could not parse: by quoting it. */
const QUOTES_JSON = /is not valid JSON|in JSON at position|of JSON input/;
const MOST_CAUSES = 3;

/**
 * An error as its event may tell it. What could not be parsed is quoted by whoever tried to, and a body may hold a
 * password: then only the kind of error is left.
 */
export function tellable(error: unknown): unknown {
  return quotesBody(error, 0) ? { name: nameOf(error), message: 'The body could not be parsed.' } : error;
}

function quotesBody(error: unknown, depth: number): boolean {
  if (!isFields(error) || depth > MOST_CAUSES) return false;
  const { message, type, cause } = error;
  if (type === 'entity.parse.failed' || error instanceof SyntaxError) return true;
  return (typeof message === 'string' && QUOTES_JSON.test(message)) || quotesBody(cause, depth + 1);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'Error';
}
