/** What the store needs of a connection that a pool lends; a `pg` PoolClient is one. */
export interface PgClientLike {
  query(text: string, values?: unknown[]): Promise<{ rows: object[]; rowCount: number | null }>;
  release(error?: Error | boolean): void;
}

/** A `pg` Pool, as far as the store needs one. */
export interface PgPoolLike {
  connect(): Promise<PgClientLike>;
}

export interface PostgresStoreOptions {
  /** Where the trail is: `postgres://user:password@host:5432/database`. */
  readonly connectionString?: string | undefined;
  /**
   * A pool of the application's own in place of a connection string; `close` does not end it. It must not be
   * the pool that the application's transactions take their connections from: a request that holds one of them
   * while it waits for the trail could then wait for ever.
   */
  readonly pool?: PgPoolLike | undefined;
  /** Connections at most; 10 by default. Two of them are kept for writing. */
  readonly max?: number | undefined;
  /** How long an idle connection is kept, in milliseconds; 600,000 by default. */
  readonly idleTimeoutMs?: number | undefined;
  /** How many months, this one included, `migrate` makes partitions for; 24 by default. */
  readonly monthsAhead?: number | undefined;
  /** How many months before this one get a partition; 1 by default, for events that waited in a spool. */
  readonly monthsBack?: number | undefined;
  /** Longest wait for a connection, in milliseconds; 10,000 by default. */
  readonly connectTimeoutMs?: number | undefined;
  /** Longest time one append may take, in milliseconds; 30,000 by default. */
  readonly writeTimeoutMs?: number | undefined;
  /** Longest time one question may take, in milliseconds; 10,000 by default. */
  readonly readTimeoutMs?: number | undefined;
}

export interface PostgresSettings {
  readonly max: number;
  readonly idleTimeoutMs: number;
  readonly monthsAhead: number;
  readonly monthsBack: number;
  readonly connectTimeoutMs: number;
  readonly writeTimeoutMs: number;
  readonly readTimeoutMs: number;
}

/** The defaults, in their one place. */
export function settingsOf(options: PostgresStoreOptions): PostgresSettings {
  return {
    max: options.max ?? 10,
    idleTimeoutMs: options.idleTimeoutMs ?? 600_000,
    monthsAhead: options.monthsAhead ?? 24,
    monthsBack: options.monthsBack ?? 1,
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    writeTimeoutMs: options.writeTimeoutMs ?? 30_000,
    readTimeoutMs: options.readTimeoutMs ?? 10_000,
  };
}
