import { errorMonitor } from 'node:events';
import { Stream } from 'node:stream';

import { StreamableFile } from '@nestjs/common';

import type { Exchange } from '../exchange.js';
import type { PlatformResponse } from './nest-facts.js';

const BYTES = [StreamableFile, Uint8Array, Blob, ReadableStream, Response];

/** Learns what is answered as data. Of a file nothing is known but how its stream breaks, which Nest tells nobody. */
export function learnAnswer<R>(exchange: Exchange<R>, answer: unknown): void {
  const stream = answer instanceof StreamableFile ? answer.getStream() : answer;
  if (stream instanceof Stream) stream.once(errorMonitor, (error: unknown) => exchange.fails(error));
  else if (isData(answer)) exchange.answers(answer);
}

/** Learns what a handler with `@Res()` answers by itself; Express's `send` of an object goes through `json`. */
export function watchAnswer<R>(exchange: Exchange<R>, response: PlatformResponse): void {
  const { json, send } = response;
  if (json !== undefined) {
    response.json = (body) => {
      exchange.answers(body);
      return json.call(response, body);
    };
  } else if (send !== undefined) {
    response.send = (body) => {
      learnAnswer(exchange, body);
      return send.call(response, body);
    };
  }
}

/** Looks at no more than Nest itself does: an answer may be made to fail for whoever looks. */
function isData(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && !BYTES.some((bytes) => answer instanceof bytes);
}
