import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { type HttpBindings, serve } from '@hono/node-server';

import type { HttpApp } from '../../src/testing/http/http-binding.js';

/** A handler of the web on a real socket. */
export async function served(
  fetch: (request: Request, env: HttpBindings) => Response | Promise<Response>,
): Promise<Pick<HttpApp, 'origin' | 'close'>> {
  const server = serve({
    fetch: (request, env) => fetch(request, env as HttpBindings),
    port: 0,
    hostname: '127.0.0.1',
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: async () => {
      const done = once(server, 'close');
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await done;
    },
  };
}

/** Makes its pieces from the beginning, and not when they are asked for: so they know whose they are. */
export function bodyInPieces(pieces: () => AsyncIterable<string>): ReadableStream<Uint8Array> {
  let isWanted = true;
  return new ReadableStream({
    async start(controller) {
      const encoder = new TextEncoder();
      for await (const piece of pieces()) {
        if (!isWanted) return;
        controller.enqueue(encoder.encode(piece));
      }
      controller.close();
    },
    cancel() {
      isWanted = false;
    },
  });
}
