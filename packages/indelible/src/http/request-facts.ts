/** All that an adapter extracts of a request. What may be known late, or not be needed, is a method. */
export interface RequestFacts<R> {
  /** The framework's own request. */
  readonly native: R;
  readonly method: string;
  /** Path and query, as they came. */
  readonly url: string;
  /** The socket's address. */
  readonly peer: string | undefined;
  header(name: string): string | undefined;
  /** The pattern of the route that matched, as soon as one has. */
  route(): string | undefined;
  /** The body, where something has parsed it. */
  body(): unknown;
}

/** What is known of an answer when its head is about to leave. */
export interface AnswerHead {
  readonly status: number;
  header(name: string): string | undefined;
}

const PARAMETERS = 100;

export function pathOf(url: string): string {
  const end = url.indexOf('?');
  const path = end === -1 ? url : url.slice(0, end);
  return path.startsWith('/') ? path : pathOfAbsolute(path);
}

export type Query = Readonly<Record<string, string | readonly string[]>>;

let lastUrl = '';
let lastQuery: Query | undefined;

/** The parameters of a query by their names, the first hundred; undefined when there are none. */
export function queryOf(url: string): Query | undefined {
  const start = url.indexOf('?');
  if (start === -1 || start === url.length - 1) return undefined;
  // What is asked of a request is asked several times in a row.
  if (url !== lastUrl) [lastUrl, lastQuery] = [url, readQuery(url.slice(start + 1))];
  return lastQuery;
}

function readQuery(text: string): Query {
  const query = new Map<string, string | string[]>();
  let left = PARAMETERS;
  for (const [name, value] of new URLSearchParams(text)) {
    if ((left -= 1) < 0) break;
    const known = query.get(name);
    if (Array.isArray(known)) known.push(value);
    else query.set(name, known === undefined ? value : [known, value]);
  }
  return Object.fromEntries(query);
}

/** A proxy may be asked for `http://host/path`. */
function pathOfAbsolute(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : url;
}
