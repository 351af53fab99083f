import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

/** All of the API that a mount asks for. */
export interface Mounted {
  owns(pathname: string): boolean;
  answer(request: Request, from: { readonly peer?: string | undefined }): Promise<Response>;
}

/** One request of Node's server, with what its framework knows of it. */
export interface NodeCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Path and query as they came, whatever a router has cut off since. */
  readonly url: string;
  /** What a parser in front has made of the body. */
  readonly body?: unknown;
}

/** Lets the API answer a request of Node's server: piece by piece, no faster than it is read, and as long as it is. Never rejects. */
export async function answerNode(api: Mounted, { request, response, url, body }: NodeCall): Promise<void> {
  const gone = new AbortController();
  const onClose = (): void => gone.abort();
  response.once('close', onClose);
  const asked = requestOf(request, url, body, gone.signal);
  if (asked === undefined) {
    response.writeHead(400).end();
    return;
  }
  try {
    const answer = await api.answer(asked, { peer: request.socket.remoteAddress });
    if (gone.signal.aborted) await answer.body?.cancel();
    else await send(answer, response, gone.signal);
  } catch {
    // Half a file must not look like a whole one: its reader sees the connection break.
    response.destroy();
  }
  response.off('close', onClose);
}

type Body = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

/** Undefined for what no Request can be made of. */
function requestOf(
  request: IncomingMessage,
  url: string,
  parsed: unknown,
  signal: AbortSignal,
): Request | undefined {
  try {
    const { method = 'GET' } = request;
    const headers = headersOf(request);
    const body = method === 'GET' || method === 'HEAD' ? undefined : bodyOf(request, parsed, headers);
    return new Request(addressOf(request, url), {
      method,
      headers,
      signal,
      ...(body !== undefined && { body, duplex: 'half' }),
    });
  } catch {
    // A method that a Request may not have, such as TRACE, or a header that is none.
    return undefined;
  }
}

function addressOf(request: IncomingMessage, url: string): string {
  const scheme = 'encrypted' in request.socket && request.socket.encrypted === true ? 'https' : 'http';
  const host = request.headers[':authority'] ?? request.headers.host ?? '';
  const origin = `${scheme}://${String(host)}`;
  const path = url.startsWith('/') ? url : new URL(url).href.slice(new URL(url).origin.length);
  return `${URL.canParse(origin) && host !== '' ? origin : `${scheme}://localhost`}${path}`;
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    // HTTP/2 has headers of its own, which say what the address does.
    if (!name.startsWith(':')) headers.append(name, rawHeaders[at + 1] ?? '');
  }
  return headers;
}

/** What a parser has read is not there any more, but what it made of it is. */
function bodyOf(request: IncomingMessage, parsed: unknown, headers: Headers): Body | undefined {
  if (!request.readableDidRead && !request.readableEnded)
    return Readable.toWeb(request) as ReadableStream<Uint8Array>;
  headers.delete('content-length');
  if (parsed === undefined || parsed === null) return undefined;
  if (typeof parsed === 'string' || parsed instanceof Uint8Array) return parsed as Body;
  return JSON.stringify(parsed);
}

async function send(answer: Response, response: ServerResponse, gone: AbortSignal): Promise<void> {
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  if (answer.body === null) {
    response.end();
    return;
  }
  const reader = answer.body.getReader();
  const leave = (): void => void reader.cancel().catch(() => undefined);
  gone.addEventListener('abort', leave, { once: true });
  for (let piece = await reader.read(); !piece.done; piece = await reader.read())
    if (!response.write(piece.value) && !gone.aborted) await roomIn(response, gone);
  gone.removeEventListener('abort', leave);
  response.end();
}

async function roomIn(response: ServerResponse, signal: AbortSignal): Promise<void> {
  // Whoever is gone makes no room any more; reading ends then by itself.
  await once(response, 'drain', { signal }).catch(() => undefined);
}
