import { type Agent, type IncomingMessage, request as nodeRequest } from 'node:http';
import { connect, type Socket } from 'node:net';

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, unless it is a text or bytes. */
  readonly body?: unknown;
  /** Who asks; nobody by default. */
  readonly as?: string | undefined;
  /** A connection of its own by default. */
  readonly agent?: Agent;
}

/** An answer as it came over the wire. */
export interface Answered {
  readonly status: number;
  /** Names and values in their order, as they were sent. */
  readonly rawHeaders: readonly (readonly [string, string])[];
  readonly bytes: Buffer;
  readonly text: string;
  header(name: string): string | undefined;
}

/** Asks over a real socket and reads the whole answer. */
export async function ask(origin: string, path: string, asked: Asked = {}): Promise<Answered> {
  const message = await begin(origin, path, asked);
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return answered(message, Buffer.concat(chunks));
}

/** Asks over a real socket, and resolves with the head of the answer. */
export function begin(origin: string, path: string, asked: Asked = {}): Promise<IncomingMessage> {
  const { method = 'GET', body, agent } = asked;
  const content = contentOf(body);
  return new Promise((resolve, reject) => {
    const request = nodeRequest(origin, { path, method, agent: agent ?? false, headers: headersOf(asked) });
    request.once('response', resolve);
    request.once('error', reject);
    request.end(content);
  });
}

function answered(message: IncomingMessage, bytes: Buffer): Answered {
  const { rawHeaders } = message;
  const pairs = rawHeaders.flatMap((name, n) =>
    n % 2 === 0 ? [[name, rawHeaders[n + 1] ?? ''] as const] : [],
  );
  return {
    status: message.statusCode ?? 0,
    rawHeaders: pairs,
    bytes,
    text: bytes.toString(),
    header: (name) => pairs.find(([own]) => own.toLowerCase() === name)?.[1],
  };
}

/** What a server said to a request that no client would make. */
export interface RawAnswer {
  readonly status: number;
  readonly text: string;
}

/** Sends bytes as they are, on a connection of their own, and reads until the server closes it. */
export async function askRaw(origin: string, ...parts: readonly (string | Buffer)[]): Promise<RawAnswer> {
  const socket = await dial(origin);
  for (const part of parts) socket.write(typeof part === 'string' ? Buffer.from(part, 'latin1') : part);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text };
}

/** An open connection to the server. */
export function dial(origin: string): Promise<Socket> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** The head of a request, each header on its line, for `askRaw`. */
export function rawHead(line: string, headers: readonly string[] = []): string {
  return [line, 'Host: kit', 'Connection: close', ...headers, '', ''].join('\r\n');
}

function headersOf({ headers = {}, body, as }: Asked): Record<string, string> {
  const content = contentOf(body);
  return {
    ...(as === undefined ? {} : { authorization: `Kit ${as}` }),
    ...(content === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(content)) }),
    ...headers,
  };
}

function contentOf(body: unknown): string | Buffer | undefined {
  if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) return body;
  return JSON.stringify(body);
}
