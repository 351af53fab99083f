import { once } from 'node:events';
import { createServer, type Server } from 'node:http';

/** A server that fails in one way: with a status, or by never answering. */
export interface StubServer {
  readonly url: string;
  /** How often it was asked. */
  readonly asked: number;
  close(): Promise<void>;
}

export async function startStub(status: number | 'silent'): Promise<StubServer> {
  let asked = 0;
  const server: Server = createServer((_request, response) => {
    asked += 1;
    if (status !== 'silent') response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    get asked() {
      return asked;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
