// Asks at a constant rate, in a process of its own, whether or not earlier answers have come: an open loop.
import { Worker } from 'node:worker_threads';

import { type Ask, ASKS, HEADERS, type Kind } from './asks.js';
import { Connection } from './connection.js';
import { Latencies, type Percentiles } from './latencies.js';

/** What a client is told to do. */
export interface Pace {
  readonly port: number;
  /** Requests a second, of all connections. */
  readonly rate: number;
  readonly seconds: number;
  readonly connections: number;
  /** Evenly spaced, or as independent people come. */
  readonly arrivals: 'even' | 'random';
}

export interface Paced {
  readonly requests: number;
  /** Requests a second, from the first one due to the last answer. */
  readonly rate: number;
  /** From when the client was told that a request is due, also where it then had to wait for a connection. */
  readonly latency: Readonly<Record<Kind | 'all', Percentiles>>;
}

interface Request {
  readonly ask: Ask;
  readonly bytes: Buffer;
}

const TICKER = new URL('./ticker.mjs', import.meta.url);
const REQUESTS: readonly Request[] = ASKS.map((ask) => ({ ask, bytes: bytesOf(ask) }));
/** An answer that has not come by then never will. */
const PATIENCE_MS = 30_000;

function bytesOf({ path }: Ask): Buffer {
  const headers = Object.entries({ host: '127.0.0.1', ...HEADERS }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return Buffer.from(`GET ${path} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
}

class Client {
  readonly #total: number;
  readonly #latencies = new Latencies();
  readonly #startedAt = performance.now();
  readonly #idle: Connection[];
  /** When those requests were due that wait for a connection. */
  readonly #waiting: number[] = [];
  #asked = 0;
  #answered = 0;
  #finish!: () => void;
  #fail!: (error: Error) => void;

  constructor(total: number, connections: readonly Connection[]) {
    this.#total = total;
    this.#idle = [...connections];
  }

  async run(pace: Pace): Promise<Paced> {
    const ticker = new Worker(TICKER, { workerData: { ...pace, total: this.#total }, execArgv: [] });
    ticker.on('message', (count: number) => this.#due(count));
    const patience = setTimeout(
      () => this.#fail(new Error(`${this.#total - this.#answered} answers never came.`)),
      pace.seconds * 1000 + PATIENCE_MS,
    );
    try {
      await new Promise<void>((resolve, reject) => {
        [this.#finish, this.#fail] = [resolve, reject];
        ticker.on('error', reject);
      });
    } finally {
      clearTimeout(patience);
      await ticker.terminate();
    }
    const seconds = (performance.now() - this.#startedAt) / 1000;
    return { requests: this.#total, rate: this.#total / seconds, latency: this.#latencies.summary() };
  }

  /** Each connection in its turn, as if each were somebody else's. */
  #due(count: number): void {
    const now = performance.now();
    for (let n = 0; n < count; n += 1) {
      const connection = this.#idle.shift();
      if (connection === undefined) this.#waiting.push(now);
      else this.#ask(connection, now);
    }
  }

  #ask(connection: Connection, due: number): void {
    const { ask, bytes } = REQUESTS[this.#asked % REQUESTS.length] as Request;
    this.#asked += 1;
    const answered = (): void => {
      this.#latencies.add(ask.kind, performance.now() - due);
      this.#answered += 1;
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#idle.push(connection);
      else this.#ask(connection, waiting);
      if (this.#answered === this.#total) this.#finish();
    };
    connection.ask(bytes, answered, (error) => this.#fail(error));
  }
}

async function run(pace: Pace): Promise<Paced> {
  const connections = await Promise.all(
    Array.from({ length: pace.connections }, () => Connection.open(pace.port)),
  );
  try {
    return await new Client(Math.round(pace.rate * pace.seconds), connections).run(pace);
  } finally {
    for (const connection of connections) connection.close();
  }
}

process.on('message', (pace: Pace) => {
  run(pace).then(
    (paced) => process.send?.({ answer: paced }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
process.send?.({ isReady: true });
