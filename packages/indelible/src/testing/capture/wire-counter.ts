import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

const EXECUTE = 'E'.charCodeAt(0);
const PARSE = 'P'.charCodeAt(0);
const QUERY = 'Q'.charCodeAt(0);
/** So much of a statement tells which it is. */
const SHOWN_CHARS = 100;
const TYPE_BYTES = 1;
const LENGTH_BYTES = 4;
const SSL_REQUEST_BYTES = 8;

export interface Sent {
  /** Each as far as it tells which it is. */
  readonly statements: readonly string[];
  /** How many connections were opened. */
  readonly connections: number;
}

export const NOTHING_SENT: Sent = { statements: [], connections: 0 };

/** Stands between an ORM and PostgreSQL, and keeps count of the statements that pass, whoever sent them. */
export class WireCounter {
  readonly #statements: string[] = [];
  #connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #target: URL;

  private constructor(target: URL) {
    this.#target = target;
    this.#server = createServer((socket) => this.#pass(socket));
  }

  static async open(connectionString: string): Promise<WireCounter> {
    const counter = new WireCounter(new URL(connectionString));
    await new Promise<void>((resolve) => counter.#server.listen(0, '127.0.0.1', resolve));
    return counter;
  }

  /** The same database, by way of the counter. */
  get connectionString(): string {
    const url = new URL(this.#target);
    url.hostname = '127.0.0.1';
    url.port = String((this.#server.address() as AddressInfo).port);
    return url.href;
  }

  /** What was sent since the last time. */
  take(): Sent {
    const connections = this.#connections;
    this.#connections = 0;
    return { statements: this.#statements.splice(0), connections };
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pass(client: Socket): void {
    const server = connect(Number(this.#target.port || 5432), this.#target.hostname);
    this.#connections += 1;
    let parsed = '(prepared)';
    const messages = new Messages((type, body) => {
      if (type === QUERY) this.#statements.push(shownText(body));
      else if (type === PARSE) parsed = shownText(body.subarray(body.indexOf(0) + 1));
      else if (type === EXECUTE) this.#statements.push(parsed);
    });
    client.on('data', (chunk) => messages.read(Buffer.from(chunk)));
    for (const [from, to] of [[client, server] as const, [server, client] as const]) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}

function shownText(body: Buffer): string {
  const end = body.indexOf(0);
  return body.toString('utf8', 0, end < 0 ? body.length : end).slice(0, SHOWN_CHARS);
}

/** Finds the messages in what a client sends. The first one, and one that asks for TLS before it, has no type. */
class Messages {
  #rest: Buffer = Buffer.alloc(0);
  #isStarted = false;
  /** Of a message that is longer than what came so far, how much is still to be passed over. */
  #toSkip = 0;
  readonly #found: (type: number, body: Buffer) => void;

  constructor(found: (type: number, body: Buffer) => void) {
    this.#found = found;
  }

  read(chunk: Buffer): void {
    const skipped = Math.min(this.#toSkip, chunk.length);
    this.#toSkip -= skipped;
    this.#rest = Buffer.concat([this.#rest, chunk.subarray(skipped)]);
    while (this.#rest.length >= TYPE_BYTES + LENGTH_BYTES) this.#one();
  }

  #one(): void {
    const typeBytes = this.#isStarted ? TYPE_BYTES : 0;
    const length = this.#rest.readInt32BE(typeBytes);
    const end = typeBytes + length;
    if (this.#isStarted) this.#found(this.#rest[0] ?? 0, this.#rest.subarray(TYPE_BYTES + LENGTH_BYTES, end));
    else this.#isStarted = length !== SSL_REQUEST_BYTES;
    this.#toSkip = Math.max(0, end - this.#rest.length);
    this.#rest = this.#rest.subarray(end);
  }
}
