import { readFileSync } from 'node:fs';

import type { Entry } from '../../event/entry.js';
import { AuditError } from '../../event/errors.js';
import {
  type ApplicationDatabase,
  ATTEMPTS,
  type Outbox,
  type OutboxRow,
  type Refusal,
  type Relayed,
} from '../../trail/outbox.js';
import type { SqlConnection, StoreFinding } from '../store.js';

interface Result {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** The members of a `pg` Pool that are used here. */
export interface PgPoolLike {
  query(text: string, params?: unknown[]): Promise<unknown>;
  connect(): Promise<PgClientLike>;
}

interface PgClientLike {
  query(text: string, params?: unknown[]): Promise<Result>;
  release(broken?: boolean): void;
}

const sql = (name: string): string => readFileSync(new URL(`./outbox/${name}.sql`, import.meta.url), 'utf8');

/** Two processes that make the function at once would trip over each other without the lock. */
const LOCK = "SELECT pg_advisory_xact_lock(hashtext('indelible_outbox'));";
const SCHEMA = 'SELECT quote_ident(current_schema()) AS name';
const MADE = [LOCK, sql('outbox'), sql('settings'), sql('put')].join('\n');
const CHECK = sql('check');
const PUT = 'SELECT indelible_put(NULL, $1::text[]) AS refusal';
const CLAIM = sql('claim');
const REMOVE = 'DELETE FROM indelible_outbox WHERE seq = ANY($1::bigint[])';
const REFUSE = sql('refuse');
const SET_ASIDE = 'SELECT count(*)::int AS count FROM indelible_outbox WHERE attempts >= $1';

/** An outbox in the application's own PostgreSQL database, relayed on a connection of its own. */
export class PostgresOutbox implements Outbox {
  readonly description = 'PostgreSQL table indelible_outbox';
  readonly application: ApplicationDatabase;
  readonly #pool: PgPoolLike;

  constructor(pool: PgPoolLike) {
    this.#pool = pool;
    this.application = {
      kind: 'postgres',
      query: async (text, params) => (await pool.query(text, params)) as Result,
    };
  }

  async migrate(): Promise<void> {
    const { rows } = (await this.#pool.query(SCHEMA)) as Result;
    const schema = rows[0]?.['name'];
    if (typeof schema !== 'string')
      throw new AuditError(
        'OUTBOX_UNAVAILABLE',
        'The outbox could not be made: the search_path names no schema that exists; set one for this role.',
      );
    await this.#pool.query(MADE.replaceAll(':schema', () => schema));
  }

  async check(): Promise<readonly StoreFinding[]> {
    const { rows } = (await this.#pool.query(CHECK)) as Result;
    return rows.map(({ message }) => ({ severity: 'error', message: String(message) }));
  }

  async put(connection: SqlConnection, entries: readonly Entry[]): Promise<void> {
    const bodies = entries.map((entry) => JSON.stringify(entry));
    const { rows } = (await connection.query(PUT, [bodies])) as Result;
    const refusal = rows[0]?.['refusal'];
    if (typeof refusal === 'string')
      throw new AuditError('OUTBOX_UNAVAILABLE', `The outbox refused an event: ${refusal}`);
  }

  /** What is locked by another relay is left to it; a crash before the commit gives everything back. */
  async relay(
    limit: number,
    deliver: (rows: readonly OutboxRow[]) => Promise<readonly Refusal[]>,
  ): Promise<Relayed> {
    const client = await this.#pool.connect();
    try {
      const relayed = await move(client, limit, deliver);
      client.release();
      return relayed;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  async countSetAside(): Promise<number> {
    const { rows } = (await this.#pool.query(SET_ASIDE, [ATTEMPTS])) as Result;
    return Number(rows[0]?.['count'] ?? 0);
  }
}

async function move(
  client: PgClientLike,
  limit: number,
  deliver: (rows: readonly OutboxRow[]) => Promise<readonly Refusal[]>,
): Promise<Relayed> {
  await client.query('BEGIN');
  const found = (await client.query(CLAIM, [limit])).rows.map(rowOf);
  const setAside = found.length === 0 ? [] : await settle(client, found, await deliver(found));
  await client.query('COMMIT');
  return { rows: found.length, setAside };
}

/** Removes what was taken, and answers what is not to be tried again. */
async function settle(
  client: PgClientLike,
  found: readonly OutboxRow[],
  refusals: readonly Refusal[],
): Promise<OutboxRow[]> {
  const refused = new Set(refusals.map(({ seq }) => seq));
  await client.query(REMOVE, [found.map(({ seq }) => seq).filter((seq) => !refused.has(seq))]);
  if (refusals.length === 0) return [];
  const params = [refusals.map(({ seq }) => seq), refusals.map(({ reason }) => reason), ATTEMPTS];
  const { rows } = await client.query(REFUSE, params);
  const last = new Set(rows.map(({ seq }) => String(seq)));
  return found.filter(({ seq }) => last.has(seq));
}

function rowOf(row: Readonly<Record<string, unknown>>): OutboxRow {
  return {
    seq: String(row['seq']),
    at: Number(row['at']),
    salt: String(row['salt']).replaceAll('-', ''),
    transactionId: String(row['transaction_id']),
    context: (row['context'] as string | null) ?? null,
    bodies: row['bodies'] as string[],
  };
}
