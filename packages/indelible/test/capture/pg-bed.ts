import { AsyncLocalStorage } from 'node:async_hooks';

import pg from 'pg';

import type { Capturing, FailedWrite } from '../../src/capture/capturing.js';
import { attachModule } from '../../src/capture/pg/attach/attach-module.js';
import type { AttachParts } from '../../src/capture/pg/attach/attachment.js';
import type { Change } from '../../src/capture/row-change.js';
import type { TableName, TableRules } from '../../src/capture/tables.js';
import { PostgresOutbox } from '../../src/stores/postgres/postgres-outbox.js';
import { connect } from '../postgres-trail.js';
import { createDatabase } from '../servers/postgres.js';

export interface Captured {
  readonly context: string;
  readonly change: Change;
}

/** A trail that keeps in lists what an engine tells it. */
export class TestCapturing implements Capturing {
  readonly current = new AsyncLocalStorage<string>();
  readonly tables = { rulesOf };
  onUnsupported: 'record' | 'throw' = 'record';
  isClosed = false;
  writes = 0;
  changes = 0;
  readonly lostCauses: unknown[] = [];
  readonly failures: FailedWrite[] = [];
  readonly warnings: string[] = [];
  readonly lines: string[] = [];

  failsClosed(): boolean {
    return this.isClosed;
  }

  context(): string {
    return this.current.getStore() ?? 'nobody';
  }

  changed(): void {
    this.changes += 1;
  }

  written(): void {
    this.writes += 1;
  }

  lost(cause: unknown): void {
    this.lostCauses.push(cause);
  }

  failed(write: FailedWrite): void {
    this.failures.push(write);
  }

  warn(message: string): void {
    this.warnings.push(message);
  }

  attached(line: string): void {
    this.lines.push(line);
  }
}

/** A database with an outbox, the `pg` module attached to a trail, and a plain connection beside. */
export class PgBed {
  readonly url: string;
  readonly plain: pg.Client;
  readonly capturing = new TestCapturing();
  readonly #drop: () => Promise<void>;
  readonly #open: { end(): Promise<void> }[] = [];

  constructor(url: string, plain: pg.Client, drop: () => Promise<void>) {
    this.url = url;
    this.plain = plain;
    this.#drop = drop;
  }

  static async open(server: { url: string }, schema: string): Promise<PgBed> {
    const database = await createDatabase(server);
    const { url } = database;
    const pool = new pg.Pool({ connectionString: url });
    await new PostgresOutbox(pool).migrate();
    await pool.end();
    const plain = await connect(url);
    await plain.query(schema);
    return new PgBed(url, plain, () => database.drop());
  }

  module(options?: AttachParts): typeof pg {
    return attachModule(this.capturing, pg, options);
  }

  /** A connection that captures; ended with the bed. */
  async client(config: pg.ClientConfig = {}, options?: AttachParts): Promise<pg.Client> {
    const client = new (this.module(options).Client)({ connectionString: this.url, ...config });
    client.on('error', () => undefined); // Losing the connection is what some tests do.
    this.#open.push(client);
    await client.connect();
    return client;
  }

  pool(config: pg.PoolConfig = {}, options?: AttachParts): pg.Pool {
    const pool = new (this.module(options).Pool)({ connectionString: this.url, ...config });
    pool.on('error', () => undefined);
    this.#open.push(pool);
    return pool;
  }

  /** Takes what has come to the outbox. */
  async take(): Promise<Captured[]> {
    const { rows } = await this.plain.query<{ context: string; bodies: string[] }>(
      'WITH taken AS (DELETE FROM indelible_outbox RETURNING *) SELECT context, bodies FROM taken ORDER BY seq',
    );
    return rows.flatMap(({ context, bodies }) =>
      bodies.map((body) => ({ context, change: JSON.parse(body) as Change })),
    );
  }

  /** Takes it as words: `UPDATE people`. */
  async taken(): Promise<string[]> {
    return (await this.take()).map(({ change }) =>
      change.op === 'STATEMENT' ? `STATEMENT ${change.verb} ${change.rows}` : `${change.op} ${change.model}`,
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.map((one) => one.end().catch(() => undefined))); // Some were ended by the test.
    await this.plain.end();
    await this.#drop();
  }
}

const NONE = (): boolean => false;

function rulesOf({ name }: TableName): TableRules | undefined {
  if (name.startsWith('indelible') || name.startsWith('untracked')) return undefined;
  return {
    model: name,
    isExcluded: NONE,
    isHidden: NONE,
    isIgnored: NONE,
    subject: undefined,
    tenant: undefined,
    kept: [],
  };
}
