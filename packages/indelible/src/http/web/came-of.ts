import type { AnswerHead } from '../request-facts.js';
import { answerIn, ResponseHead } from './response-answer.js';

/** The `data()` of React Router, returned or thrown: data with the status and headers of its answer. */
interface DataWithInit {
  readonly type: 'DataWithResponseInit';
  readonly data: unknown;
  readonly init: ResponseInit | null;
}

/** What a handler returned. A loader may return data, of which its framework makes the answer. */
export function headOf(value: unknown): AnswerHead {
  if (isResponse(value)) return new ResponseHead(value);
  return isDataWithInit(value) ? headBy(value.init?.status ?? 200, value.init?.headers) : headBy(200);
}

/** What a returned value shows, as far as it can be told without waiting for it. */
export async function shownBy(value: unknown): Promise<unknown> {
  if (isResponse(value)) return answerIn(value);
  return isDataWithInit(value) ? value.data : value;
}

/** The head of an answer that is made by throwing it; undefined for an error. */
export function headOfThrown(thrown: unknown): AnswerHead | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  if (thrown instanceof Error) return headOfNext(digestOf(thrown));
  if (isResponse(thrown)) return new ResponseHead(thrown);
  if (isDataWithInit(thrown)) return headOf(thrown);
  // SvelteKit's `error` and `redirect` throw plain objects.
  const { status } = thrown as { readonly status?: unknown };
  return typeof status === 'number' && status >= 300 && status <= 599 ? headBy(status) : undefined;
}

/** What Next throws while it builds, to find out that a route needs a request: nobody has asked for anything. */
const NOT_ASKED: ReadonlySet<string> = new Set([
  'DYNAMIC_SERVER_USAGE',
  'HANGING_PROMISE_REJECTION',
  'NEXT_PRERENDER_INTERRUPTED',
]);

export function isNoRequest(thrown: unknown): boolean {
  return thrown instanceof Error && NOT_ASKED.has(digestOf(thrown));
}

function digestOf(error: Error): string {
  const { digest } = error as { readonly digest?: unknown };
  return typeof digest === 'string' ? digest : '';
}

/** `redirect`, `notFound`, `forbidden` and `unauthorized` of Next throw errors whose digest names the answer. */
function headOfNext(digest: string): AnswerHead | undefined {
  const parts = digest.split(';');
  if (parts[0] === 'NEXT_HTTP_ERROR_FALLBACK') return headBy(Number(parts[1]) || 404);
  if (parts[0] === 'NEXT_NOT_FOUND') return headBy(404);
  // The address of a redirect may hold semicolons too; the status is the last part but one.
  if (parts[0] === 'NEXT_REDIRECT') return headBy(Number(parts.at(-2)) || 307);
  return undefined;
}

function headBy(status: number, headers?: ConstructorParameters<typeof Headers>[0]): AnswerHead {
  return { status, header: (name) => (headers && new Headers(headers).get(name)) ?? undefined };
}

/** Also one of another realm, or of a framework's own make. */
export function isResponse(value: unknown): value is Response {
  if (value instanceof Response) return true;
  const { status, headers, clone } = Object(value) as Partial<Record<string, unknown>>;
  return typeof status === 'number' && typeof clone === 'function' && typeof headers === 'object';
}

function isDataWithInit(value: unknown): value is DataWithInit {
  return (
    typeof value === 'object' && value !== null && 'type' in value && value.type === 'DataWithResponseInit'
  );
}
