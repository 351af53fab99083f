// Asks at a constant rate, in a process of its own, whether or not earlier answers have come: an open loop.
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
  /** From when a request was due, so that one that had to wait for a connection counts from there. */
  readonly latency: Readonly<Record<Kind | 'all', Percentiles>>;
}

interface Request {
  readonly ask: Ask;
  readonly bytes: Buffer;
}

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
  readonly #pace: Pace;
  readonly #gap: () => number;
  readonly #latencies = new Latencies();
  readonly #total: number;
  readonly #idle: Connection[];
  readonly #overdue: number[] = [];
  readonly #startedAt = performance.now();
  #due = this.#startedAt;
  #begun = 0;
  #answered = 0;
  #finish!: () => void;
  #fail!: (error: Error) => void;

  constructor(pace: Pace, connections: readonly Connection[]) {
    this.#pace = pace;
    this.#gap = gaps(pace);
    this.#total = Math.round(pace.rate * pace.seconds);
    this.#idle = [...connections];
  }

  async run(): Promise<Paced> {
    await new Promise<void>((resolve, reject) => {
      [this.#finish, this.#fail] = [resolve, reject];
      this.#turn();
    });
    const seconds = (performance.now() - this.#startedAt) / 1000;
    return { requests: this.#total, rate: this.#total / seconds, latency: this.#latencies.summary() };
  }

  /** Never sleeps: timers are a millisecond coarse, and requests in swarms would wait for each other. */
  #turn(): void {
    const now = performance.now();
    while (this.#begun < this.#total && this.#due <= now) {
      this.#begin(this.#due);
      this.#due += this.#gap();
    }
    if (now > this.#startedAt + this.#pace.seconds * 1000 + PATIENCE_MS)
      this.#fail(new Error(`${this.#total - this.#answered} answers never came.`));
    else if (this.#answered < this.#total) setImmediate(() => this.#turn());
    else this.#finish();
  }

  /** Each connection in its turn, as if each were somebody else's. */
  #begin(due: number): void {
    this.#begun += 1;
    const connection = this.#idle.shift();
    if (connection === undefined) this.#overdue.push(due);
    else this.#ask(connection, due, this.#begun - this.#overdue.length);
  }

  #ask(connection: Connection, due: number, number: number): void {
    const { ask, bytes } = REQUESTS[number % REQUESTS.length] as Request;
    const answered = (): void => {
      this.#latencies.add(ask.kind, performance.now() - due);
      this.#answered += 1;
      const overdue = this.#overdue.shift();
      if (overdue === undefined) this.#idle.push(connection);
      else this.#ask(connection, overdue, this.#begun - this.#overdue.length);
    };
    connection.ask(bytes, answered, (error) => this.#fail(error));
  }
}

/** Milliseconds from one request to the next; the random ones are the same in every run. */
function gaps({ rate, arrivals }: Pace): () => number {
  const mean = 1000 / rate;
  if (arrivals === 'even') return () => mean;
  let state = 12_345;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return -Math.log((state + 1) / 2 ** 32) * mean;
  };
}

async function run(pace: Pace): Promise<Paced> {
  const connections = await Promise.all(
    Array.from({ length: pace.connections }, () => Connection.open(pace.port)),
  );
  try {
    return await new Client(pace, connections).run();
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
