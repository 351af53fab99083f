import type { Exchange } from '../exchange.js';
import { isJson, mediaType } from './bounded-text.js';
import { unopened } from './unopened.js';

type Call = (...args: unknown[]) => unknown;

/**
 * A stream makes its next piece when it is read, and whoever reads knows nothing of the request. What the stream
 * records meanwhile belongs to the request all the same, and so does what breaks it.
 */
export function readWithin<R>(exchange: Exchange<R>, response: Response): void {
  const stream = streamIn(response);
  if (stream === undefined || stream.locked) return;
  const within =
    (call: Call) =>
    (...args: unknown[]): unknown =>
      exchange.within(() => call(...args));
  replace(stream, ['pipeTo', 'pipeThrough', 'cancel'], within);
  replace(stream, ['getReader'], (getReader) => (...args) => {
    const reader = getReader(...args) as ReadableStreamDefaultReader;
    replace(reader, ['cancel'], within);
    replace(reader, ['read'], (read) => (...given) => {
      const piece = exchange.within(() => read(...given)) as Promise<unknown>;
      piece.catch((error: unknown) => exchange.fails(error));
      return piece;
    });
    return reader;
  });
}

function replace(target: object, methods: readonly string[], by: (method: Call) => Call): void {
  for (const name of methods) {
    Object.assign(target, { [name]: by((Reflect.get(target, name) as Call).bind(target)) });
  }
}

/** What a page or a JSON text is made of lies ready, as does every answer whose length is known. */
function streamIn(response: Response): ReadableStream | undefined {
  const lying = unopened(response);
  if (lying !== undefined) return lying.body instanceof ReadableStream ? lying.body : undefined;
  const type = response.headers.get('content-type') ?? '';
  if (isJson(type) || mediaType(type) === 'text/html' || response.headers.has('content-length'))
    return undefined;
  return response.body ?? undefined;
}
