import { readFileSync } from 'node:fs';

import type { Entry } from '../../event/entry.js';
import { AuditError } from '../../event/errors.js';
import type { Outbox } from '../../trail/outbox.js';
import type { SqlConnection } from '../store.js';

interface Result {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** The members of a `pg` Pool that are used here. */
export interface PgPoolLike {
  query(text: string): Promise<unknown>;
  connect(): Promise<PgClientLike>;
}

interface PgClientLike {
  query(text: string, params?: unknown[]): Promise<Result>;
  release(broken?: boolean): void;
}

/** Two processes that make the function at once would trip over each other without the lock. */
const LOCK = "SELECT pg_advisory_xact_lock(hashtext('indelible_outbox'));";
const SCHEMA = ['outbox', 'put'].map((name) =>
  readFileSync(new URL(`./outbox/${name}.sql`, import.meta.url), 'utf8'),
);
const PUT = 'SELECT indelible_put($1::uuid[], $2::text[]) AS refusal';
const CLAIM = 'SELECT seq, entry FROM indelible_outbox ORDER BY seq LIMIT $1 FOR UPDATE SKIP LOCKED';
const REMOVE = 'DELETE FROM indelible_outbox WHERE seq = ANY($1::bigint[])';

/** An outbox in the application's own PostgreSQL database, relayed on a connection of its own. */
export class PostgresOutbox implements Outbox {
  readonly description = 'PostgreSQL table indelible_outbox';
  readonly #pool: PgPoolLike;

  constructor(pool: PgPoolLike) {
    this.#pool = pool;
  }

  async migrate(): Promise<void> {
    await this.#pool.query([LOCK, ...SCHEMA].join('\n'));
  }

  async put(connection: SqlConnection, entries: readonly Entry[]): Promise<void> {
    const params = [entries.map(({ core }) => core.id), entries.map((entry) => JSON.stringify(entry))];
    const { rows } = (await connection.query(PUT, params)) as Result;
    const refusal = rows[0]?.['refusal'];
    if (typeof refusal === 'string')
      throw new AuditError('OUTBOX_UNAVAILABLE', `The outbox refused an event: ${refusal}`);
  }

  /** What is locked by another relay is left to it; a crash before the commit gives everything back. */
  async relay(limit: number, deliver: (entries: readonly Entry[]) => Promise<void>): Promise<number> {
    const client = await this.#pool.connect();
    try {
      const moved = await move(client, limit, deliver);
      client.release();
      return moved;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }
}

async function move(
  client: PgClientLike,
  limit: number,
  deliver: (entries: readonly Entry[]) => Promise<void>,
): Promise<number> {
  await client.query('BEGIN');
  const { rows } = await client.query(CLAIM, [limit]);
  if (rows.length > 0) {
    await deliver(rows.map((row) => JSON.parse(String(row['entry'])) as Entry));
    await client.query(REMOVE, [rows.map((row) => row['seq'])]);
  }
  await client.query('COMMIT');
  return rows.length;
}
