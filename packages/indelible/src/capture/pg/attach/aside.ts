import { isServerError, type Client, type Connection, type Query, type QueryClass } from './driver.js';
import { queueOf } from './driver.js';

export type Rows = readonly Readonly<Record<string, unknown>>[];
/** Asks the database on a connection. */
export type Ask = (text: string, values?: unknown[]) => Promise<Rows>;
export type Work = (ask: Ask) => Promise<void>;

/**
 * Some work of ours on a client's connection between two statements of the application's: what waits in
 * the queue is not sent before it is done. It stands in the queue again and again, once for each of its
 * statements, and ends with a Sync, so that the client is told to go on by the server as always.
 */
export class Aside {
  readonly #client: Client;
  readonly #Query: QueryClass;
  readonly #work: Work;
  readonly #onEnd: (error: unknown) => void;
  #connection: Connection | undefined;
  #asked: Query | undefined;
  /** Gives what was asked its answer; called when the connection is free again. */
  #answer: (() => void) | undefined;
  #outcome: { readonly error: unknown } | undefined;
  #lost: unknown;
  #isOver = false;

  constructor(client: Client, Query: QueryClass, work: Work, onEnd: (error: unknown) => void) {
    this.#client = client;
    this.#Query = Query;
    this.#work = work;
    this.#onEnd = onEnd;
  }

  submit(connection: Connection): null {
    const answer = this.#answer;
    this.#answer = undefined;
    if (answer !== undefined) answer();
    else this.#start(connection);
    return null;
  }

  handleReadyForQuery(connection: Connection): void {
    if (this.#outcome !== undefined) return this.#end(this.#outcome.error);
    this.#asked?.handleReadyForQuery(connection);
    this.#askAgain();
  }

  handleError(error: unknown, connection: Connection): void {
    this.#asked?.handleError(error, connection);
    if (isServerError(error)) return this.#askAgain();
    this.#lost = error;
    this.#answer?.();
    this.#end(error);
  }

  handleRowDescription(message: Parameters<NonNullable<Query['handleRowDescription']>>[0]): void {
    this.#asked?.handleRowDescription?.(message);
  }

  handleDataRow(message: Parameters<NonNullable<Query['handleDataRow']>>[0]): void {
    this.#asked?.handleDataRow?.(message);
  }

  handleCommandComplete(
    message: Parameters<NonNullable<Query['handleCommandComplete']>>[0],
    connection: Connection,
  ): void {
    this.#asked?.handleCommandComplete?.(message, connection);
  }

  handleEmptyQuery(connection: Connection): void {
    this.#asked?.handleEmptyQuery?.(connection);
  }

  #start(connection: Connection): void {
    this.#connection = connection;
    this.#work((text, values) => this.#ask(connection, text, values)).then(
      () => this.#finish(undefined),
      (error: unknown) => this.#finish(error),
    );
  }

  #ask(connection: Connection, text: string, values: unknown[] = []): Promise<Rows> {
    if (this.#lost !== undefined) return Promise.reject(toError(this.#lost));
    return new Promise((resolve, reject) => {
      this.#asked = new this.#Query(
        { text, values },
        undefined,
        (error: unknown, result?: { rows: Rows }) => {
          this.#answer = () => (result === undefined ? reject(toError(error)) : resolve(result.rows));
        },
      );
      this.#asked.submit(connection);
    });
  }

  #askAgain(): void {
    queueOf(this.#client).unshift(this);
  }

  #finish(error: unknown): void {
    if (this.#isOver) return;
    this.#outcome = { error };
    this.#connection?.sync();
  }

  #end(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd(error);
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
