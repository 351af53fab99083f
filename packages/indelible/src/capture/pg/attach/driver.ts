/** What is used of the `pg` driver, which is handed in and never imported. */

export interface PgModuleLike {
  readonly Client: PgClientClass;
  readonly Pool: PgPoolClass;
}

type PgClientClass = (new (config?: never) => PgClientLike) & { readonly Query?: unknown };
type PgPoolClass = new (config?: never) => PgPoolLike;

export interface PgPoolLike {
  Client?: unknown;
  readonly totalCount: number;
  connect(): Promise<unknown>;
  query(text: string): Promise<unknown>;
}

export interface PgClientLike {
  connect(): Promise<unknown>;
  query(text: string): Promise<unknown>;
  end(): Promise<unknown>;
}

/** Node style: an error, or what was asked for. */
export type Callback = (error?: unknown, ...answer: unknown[]) => unknown;

/** A client as its own subclass sees it: with the queue that statements wait in. */
export interface Client {
  /** The server process, as it was promised when the connection was made. */
  readonly processID?: number | null;
  readonly connection: Connection;
  readonly connectionParameters: { readonly query_timeout?: unknown };
  readonly host?: unknown;
  readonly port?: unknown;
  readonly database?: unknown;
  readonly user?: unknown;
  readonly pipeline?: boolean;
  readonly _queryQueue?: Submittable[];
  _pulseQueryQueue?(): void;
  /** The queue's name before 8.17. */
  readonly queryQueue?: Submittable[];
  connect(callback?: Callback): unknown;
  query(config: unknown, values?: unknown, callback?: unknown): unknown;
  emit(event: string | symbol, ...args: unknown[]): boolean;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  removeListener(event: 'error', listener: (error: unknown) => void): unknown;
  end(callback?: Callback): unknown;
}

export type ClientClass = (new (config?: unknown) => Client) & { readonly Query: QueryClass };

export interface Pool {
  Client: ClientClass;
  readonly totalCount: number;
  connect(callback?: Callback): unknown;
}

export type PoolClass = new (config?: unknown) => Pool;

export type QueryClass = new (config: unknown, values?: unknown, callback?: unknown) => Query;

/** Whatever waits in a client's queue and speaks with the server when its turn has come. */
export interface Submittable {
  /** An error that is returned is handed to `handleError`, and nothing was sent. */
  submit(connection: Connection): unknown;
  handleRowDescription?(message: RowDescription): void;
  handleDataRow?(message: DataRow): void;
  handlePortalSuspended?(connection: Connection): void;
  handleCommandComplete?(message: CommandComplete, connection: Connection): void;
  handleEmptyQuery?(connection: Connection): void;
  handleReadyForQuery(connection: Connection): void;
  handleError(error: unknown, connection: Connection): void;
  callback?: unknown;
}

/** What says a statement's text: a query or a cursor. */
export interface Worded {
  text?: unknown;
  values?: unknown;
  name?: unknown;
  binary?: unknown;
  rows?: unknown;
  requiresPreparation?: unknown;
}

export interface Query extends Submittable, Worded {
  query_timeout?: unknown;
}

/** The protocol's end of a client: messages of the server arrive as events. */
export interface Connection {
  prependListener(event: 'readyForQuery', listener: (message: { readonly status?: string }) => void): unknown;
  prependListener(event: 'commandComplete', listener: (message: CommandComplete) => void): unknown;
  emit(event: string, message: unknown): boolean;
  sync(): void;
}

interface Field {
  readonly name: string;
}

export interface RowDescription {
  readonly fields: readonly Field[];
}

export interface DataRow {
  readonly fields: readonly (string | null)[];
}

export interface CommandComplete {
  readonly text: string;
}

export interface ServerError extends Error {
  readonly severity: string;
  readonly code: string;
  position?: string | undefined;
}

/** True for what the server answered; the driver's own errors, such as a lost connection, have no severity. */
export function isServerError(error: unknown): error is ServerError {
  return (
    error instanceof Error &&
    'severity' in error &&
    typeof error.severity === 'string' &&
    'code' in error &&
    typeof error.code === 'string'
  );
}

/** The statements that wait; the first is sent next. */
export function queueOf(client: Client): Submittable[] {
  const queue = client._queryQueue ?? client.queryQueue;
  if (!Array.isArray(queue)) throw new TypeError('This client of pg has no queue; 8.x has.');
  return queue;
}

/** Sends the first statement that waits, on a connection that is idle. */
export function startQueue(client: Client): void {
  client._pulseQueryQueue?.();
}
