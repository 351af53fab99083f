import { connect, createServer, type Server, type Socket } from 'node:net';

const PARSE = 'P'.charCodeAt(0);
const SIMPLE_QUERY = 'Q'.charCodeAt(0);
const EXECUTE = 'E'.charCodeAt(0);
const SYNC = 'S'.charCodeAt(0);
const HEADER = 5;

/**
 * Stands between a client and PostgreSQL and counts what the client sends, whatever driver it uses:
 * statements (Query and Execute), those the server must parse and plan (Query and Parse), and the times it
 * must wait for an answer (Query and Sync).
 */
export class TripCounter {
  statements = 0;
  parsed = 0;
  trips = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #target: URL;

  constructor(url: string) {
    this.#target = new URL(url);
    this.#server = createServer((client) => this.#relay(client));
  }

  /** The address to connect to instead. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The counter has no port.');
    const url = new URL(this.#target);
    url.hostname = '127.0.0.1';
    url.port = String(address.port);
    return url.href;
  }

  reset(): void {
    this.statements = 0;
    this.parsed = 0;
    this.trips = 0;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #relay(client: Socket): void {
    const server = connect(Number(this.#target.port || 5432), this.#target.hostname);
    const messages = new FrontendMessages((type) => this.#count(type));
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.on('data', (chunk) => void to.write(chunk));
      // A connection that breaks shows on the other side, which is the driver's or the server's to report.
      from.on('error', () => void to.destroy());
      from.on('close', () => {
        to.destroy();
        this.#sockets.delete(from);
      });
    }
    client.on('data', (chunk) => messages.add(chunk));
  }

  #count(type: number): void {
    if (type === SIMPLE_QUERY || type === EXECUTE) this.statements += 1;
    if (type === SIMPLE_QUERY || type === PARSE) this.parsed += 1;
    if (type === SIMPLE_QUERY || type === SYNC) this.trips += 1;
  }
}

/** Takes a client's bytes apart; the first message, the start-up, has no type. */
class FrontendMessages {
  #rest: Buffer = Buffer.alloc(0);
  #started = false;
  readonly #found: (type: number) => void;

  constructor(found: (type: number) => void) {
    this.#found = found;
  }

  add(chunk: Buffer): void {
    let rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const lengthAt = this.#started ? 1 : 0;
      if (rest.length < HEADER) break;
      const length = rest.readInt32BE(lengthAt) + lengthAt;
      if (rest.length < length) break;
      if (this.#started) this.#found(rest.readUInt8(0));
      this.#started = true;
      rest = rest.subarray(length);
    }
    this.#rest = rest;
  }
}
