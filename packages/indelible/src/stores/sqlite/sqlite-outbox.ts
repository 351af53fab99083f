import { setTimeout } from 'node:timers/promises';

import type { Entry } from '../../event/entry.js';
import {
  type ApplicationDatabase,
  ATTEMPTS,
  type Outbox,
  type OutboxRow,
  type Refusal,
  type Relayed,
} from '../../trail/outbox.js';
import type { SqlConnection, StoreFinding } from '../store.js';

/** The members of a better-sqlite3 Database that are used here. */
export interface SqliteDatabaseLike {
  exec(sql: string): unknown;
  prepare(sql: string): {
    readonly reader: boolean;
    run(...params: readonly unknown[]): unknown;
    all(...params: readonly unknown[]): unknown[];
  };
  readonly name: string;
  readonly inTransaction: boolean;
}

interface Found {
  readonly seq: number;
  readonly at: number;
  readonly salt: Uint8Array;
  readonly transaction_id: string | null;
  readonly context: string | null;
  readonly body: string;
  readonly attempts: number;
}

const CREATE = `CREATE TABLE IF NOT EXISTS indelible_outbox (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000 AS INTEGER)),
  salt BLOB NOT NULL DEFAULT (randomblob(16)),
  transaction_id TEXT,
  context TEXT,
  body TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  retry_at INTEGER NOT NULL DEFAULT 0,
  last_error TEXT
) STRICT`;
const PUT = 'INSERT INTO indelible_outbox (body) VALUES (?)';
const CLAIM = `SELECT seq, at, salt, transaction_id, context, body, attempts FROM indelible_outbox
  WHERE retry_at <= ? ORDER BY seq LIMIT ?`;
const REMOVE = 'DELETE FROM indelible_outbox WHERE seq IN (SELECT value FROM json_each(?))';
const REFUSE =
  'UPDATE indelible_outbox SET attempts = attempts + 1, retry_at = ?, last_error = ? WHERE seq = ?';
const SET_ASIDE = 'SELECT count(*) AS count FROM indelible_outbox WHERE attempts >= ?';
/** The end of time: a row that is not tried again. */
const NEVER = Number.MAX_SAFE_INTEGER;
const FIRST_RETRY_MS = 1_000;
/** So long the application's transaction is waited for. */
const IDLE_TURNS = 50;
const IDLE_MS = 2;

/** An outbox in the application's own SQLite database, on the connection the application uses. */
export class SqliteOutbox implements Outbox {
  readonly description: string;
  readonly application: ApplicationDatabase;
  readonly #db: SqliteDatabaseLike;

  constructor(db: SqliteDatabaseLike) {
    this.#db = db;
    this.#db.exec(CREATE);
    this.description = `SQLite file ${db.name}`;
    this.application = { kind: 'sqlite', database: db };
  }

  async migrate(): Promise<void> {
    this.#db.exec(CREATE);
  }

  async check(): Promise<readonly StoreFinding[]> {
    try {
      this.#db.prepare(CLAIM);
      return [];
    } catch (error) {
      const message = `the outbox cannot be used (${String(error)}): run "npx indelible migrate"`;
      return [{ severity: 'error', message }];
    }
  }

  put(connection: SqlConnection, entries: readonly Entry[]): unknown {
    const written = entries.map((entry) => connection.query(PUT, [JSON.stringify(entry)]));
    return written.some((one) => one instanceof Promise) ? Promise.all(written) : undefined;
  }

  /**
   * Looks only between transactions: on the application's own connection what is not committed would be
   * seen too. A second relay may hand out the same rows at the same time: their ids make them once.
   */
  async relay(
    limit: number,
    deliver: (rows: readonly OutboxRow[]) => Promise<readonly Refusal[]>,
  ): Promise<Relayed> {
    if (this.#db.inTransaction) return { rows: 0, setAside: [] };
    const found = this.#db.prepare(CLAIM).all(Date.now(), limit) as Found[];
    if (found.length === 0) return { rows: 0, setAside: [] };
    const refusals = await deliver(found.map(rowOf));
    const refused = new Set(refusals.map(({ seq }) => seq));
    // Inside a transaction that the application has begun meanwhile, removing would be its doing: it would take
    // the lock, and could be rolled back. What is handed out again is known by its id.
    if (!(await this.#isIdle())) return { rows: 0, setAside: [] };
    // By a statement of its own each, never a transaction: one of the application's may be open by now.
    const moved = found.map(({ seq }) => seq).filter((seq) => !refused.has(String(seq)));
    this.#db.prepare(REMOVE).run(JSON.stringify(moved));
    return { rows: found.length, setAside: refusals.flatMap((refusal) => this.#refuse(refusal, found)) };
  }

  async #isIdle(): Promise<boolean> {
    for (let turn = 0; this.#db.inTransaction && turn < IDLE_TURNS; turn += 1) await setTimeout(IDLE_MS);
    return !this.#db.inTransaction;
  }

  async countSetAside(): Promise<number> {
    const [row] = this.#db.prepare(SET_ASIDE).all(ATTEMPTS) as { count: number }[];
    return row?.count ?? 0;
  }

  /** The row, when it is not to be tried again. */
  #refuse({ seq, reason }: Refusal, found: readonly Found[]): OutboxRow[] {
    const row = found.find((one) => String(one.seq) === seq);
    if (row === undefined) return [];
    const isLast = row.attempts + 1 >= ATTEMPTS;
    const retryAt = isLast ? NEVER : Date.now() + FIRST_RETRY_MS * 2 ** row.attempts;
    this.#db.prepare(REFUSE).run(retryAt, reason, row.seq);
    return isLast ? [rowOf(row)] : [];
  }
}

function rowOf({ seq, at, salt, transaction_id, context, body }: Found): OutboxRow {
  return {
    seq: String(seq),
    at,
    salt: Buffer.from(salt).toString('hex'),
    transactionId: transaction_id,
    context,
    bodies: [body],
  };
}

/** A better-sqlite3 database, or the transaction open on it, as a connection events can be written by. */
export class SqliteConnection implements SqlConnection {
  readonly #db: SqliteDatabaseLike;

  constructor(db: SqliteDatabaseLike) {
    this.#db = db;
  }

  query(text: string, params: readonly unknown[]): unknown {
    const statement = this.#db.prepare(text);
    return statement.reader ? statement.all(...params) : statement.run(...params);
  }
}
