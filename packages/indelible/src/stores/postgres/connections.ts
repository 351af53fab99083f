import { Client, Pool, type PoolClient } from 'pg';

import { AuditError } from '../../event/errors.js';
import { failure, isRefusal } from './failure.js';
import { type PostgresSettings, type PostgresStoreOptions } from './options.js';

/** A connection while it is lent. */
export type Connection = PoolClient;

interface Lender {
  connect(): Promise<Connection>;
}

/** Lends connections of a pool, each for one piece of work with a deadline, and gives every error its meaning. */
export class Connections {
  /** Where the trail is, without credentials. */
  readonly place: string;
  readonly #secret: string;
  readonly #lender: Lender;
  readonly #ownPool: Pool | undefined;
  readonly #connectTimeoutMs: number;
  readonly #openAnother: (() => Pool) | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: PostgresStoreOptions, settings: PostgresSettings) {
    this.#connectTimeoutMs = settings.connectTimeoutMs;
    if (options.pool !== undefined) {
      this.place = 'the PostgreSQL database of the pool given';
      this.#secret = '';
      this.#lender = options.pool as Lender;
      return;
    }
    const { database, host, password, port } = parse(options.connectionString);
    this.place = `PostgreSQL database ${database ?? ''} on ${host}:${port}`;
    this.#secret = password;
    this.#ownPool = createPool(options.connectionString, settings);
    this.#openAnother = () => createPool(options.connectionString, { ...settings, max: 1 });
    this.#lender = this.#ownPool;
  }

  /**
   * Does some work on a connection. A connection that fails, or on which the work is not done by the deadline, is
   * not used again, so that a half-open one holds nobody up for longer.
   */
  use<T>(deadlineMs: number, work: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#use(this.#lender, deadlineMs, work);
  }

  /**
   * The same on a connection besides all others, for work that holds it for long. A pool that was given has to lend
   * one of its own.
   */
  async useApart<T>(deadlineMs: number, work: (connection: Connection) => Promise<T>): Promise<T> {
    this.requireOpen();
    const pool = this.#openAnother?.();
    try {
      return await this.#use(pool ?? this.#lender, deadlineMs, work);
    } finally {
      await pool?.end();
    }
  }

  async #use<T>(
    lender: Lender,
    deadlineMs: number,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const connection = await this.#connect(lender);
    const deadline = new Deadline(deadlineMs);
    let broken: Error | undefined;
    const onError = (error: Error): void => {
      broken = error;
    };
    // Without a listener a connection that is lost while it is lent would end the process.
    connection.on('error', onError);
    try {
      return await deadline.race(work(connection));
    } catch (error) {
      if (!isHarmless(error)) broken ??= error instanceof Error ? error : new Error(String(error));
      throw this.#failure(error);
    } finally {
      deadline.clear();
      connection.removeListener('error', onError);
      connection.release(broken);
    }
  }

  /** Ends a pool of our own when its connections have come back; may be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#ownPool?.end() ?? Promise.resolve();
    return this.#closing;
  }

  requireOpen(): void {
    if (this.#closing) throw new AuditError('CLOSED', `The store in ${this.place} was closed.`);
  }

  async #connect(lender: Lender): Promise<Connection> {
    this.requireOpen();
    const deadline = new Deadline(this.#connectTimeoutMs);
    const coming = lender.connect();
    try {
      return await deadline.race(coming);
    } catch (error) {
      coming.then(
        (late) => late.release(),
        () => undefined, // It is this failure that is thrown below.
      );
      throw this.#failure(error);
    } finally {
      deadline.clear();
    }
  }

  #failure(error: unknown): AuditError {
    return failure(error, this.place, this.#secret);
  }
}

class Deadline {
  readonly #expired: Promise<never>;
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number) {
    this.#expired = new Promise((_, reject) => {
      this.#timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
    });
  }

  race<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#expired]);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}

function createPool(connectionString: string | undefined, settings: PostgresSettings): Pool {
  const pool = new Pool({
    connectionString,
    max: settings.max,
    idleTimeoutMillis: settings.idleTimeoutMs,
    connectionTimeoutMillis: settings.connectTimeoutMs,
    application_name: 'indelible',
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    allowExitOnIdle: true,
  });
  // An idle connection was lost. The pool has dropped it; the next work opens another, or fails and says so.
  pool.on('error', () => undefined);
  return pool;
}

/** True when the connection may be used on: the server refused a statement, or the work itself found a fault. */
function isHarmless(error: unknown): boolean {
  return error instanceof AuditError || isRefusal(error);
}

/** The driver reads the connection string, so that what is shown is what it connects to. */
function parse(
  connectionString: string | undefined,
): Pick<Client, 'database' | 'host' | 'port'> & { password: string } {
  if (typeof connectionString !== 'string' || connectionString === '') throw invalidOptions();
  try {
    const { database, host, port, password } = new Client({ connectionString });
    return { database, host, port, password: typeof password === 'string' ? password : '' };
  } catch {
    throw invalidOptions(); // Without its cause, which may hold the password.
  }
}

function invalidOptions(): AuditError {
  return new AuditError(
    'INVALID_OPTIONS',
    'createPostgresStore needs { connectionString: "postgres://user:password@host:5432/database" } or { pool } with a pg Pool; a password in the string must be percent-encoded.',
  );
}
