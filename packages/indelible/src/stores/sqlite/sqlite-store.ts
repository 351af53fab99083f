import { existsSync } from 'node:fs';
import { dirname } from 'node:path';

import type { Entry } from '../../event/entry.js';
import { AuditError, messageOf } from '../../event/errors.js';
import type { StoredEntry } from '../../event/read.js';
import type { EventQuery, SummaryQuery } from '../query.js';
import type { Lag, LogHead, Pending, SealBatch, SealedLeaf, SealLog, StoredCheckpoint } from '../seal-log.js';
import { idText } from '../sql/packed.js';
import { type Execute, type Row, SqlReader } from '../sql/reader.js';
import type { AppendResult, EntryPage, MigrationState, Store, StoreFinding, Summary } from '../store.js';
import { DIALECT } from './dialect.js';
import { checkDriver } from './driver.js';
import { refused } from './failure.js';
import { COLUMNS, fromRow, toRow } from './rows.js';
import { guardFindings, LEDGER, migrations } from './schema.js';
import { SqliteSealLog } from './seal-log.js';
import { type Message, SqliteThread, type WriteRow } from './thread.js';

export interface SqliteStoreOptions {
  /** The file of the trail; made when it is not there. */
  readonly path: string;
  /** Longest time one question may take, in milliseconds; 10,000 by default. */
  readonly readTimeoutMs?: number | undefined;
}

const BUSY = 'busy_timeout = 5000';
const PRAGMAS = [BUSY, 'journal_mode = WAL', 'synchronous = FULL', 'secure_delete = ON', 'foreign_keys = ON'];
const INSERT = `INSERT INTO indelible_event (${COLUMNS.join(', ')})
  SELECT ${COLUMNS.map(() => '?').join(', ')} WHERE NOT EXISTS (SELECT 1 FROM indelible_event WHERE id = ?)`;
const INSERT_SUBJECT =
  'INSERT INTO indelible_event_subject (tenant_id, subject_id, event_id) VALUES (?, ?, ?)';
const SELECT_DIGEST = 'SELECT payload_digest FROM indelible_event WHERE id = ?';

/** The trail in one SQLite file, written and read on threads of their own. */
export class SqliteStore implements Store, SealLog {
  readonly description: string;
  readonly #path: string;
  readonly #readTimeoutMs: number;
  readonly #migrations = migrations();
  readonly #writing: SqliteThread;
  readonly #reading: SqliteThread;
  readonly #reader: SqlReader;
  readonly #log: SqliteSealLog;
  #migrated: Promise<unknown> | undefined;
  #closing: Promise<void> | undefined;

  /** Further pragmas are for the writing connection. */
  constructor(options: SqliteStoreOptions, pragmas: readonly string[] = []) {
    checkPath(options?.path);
    checkDriver();
    this.#path = options.path;
    this.#readTimeoutMs = options.readTimeoutMs ?? 10_000;
    this.description = `SQLite file ${this.#path}`;
    this.#writing = new SqliteThread({
      path: this.#path,
      readonly: false,
      pragmas: [...PRAGMAS, ...pragmas],
    });
    this.#reading = new SqliteThread({ path: this.#path, readonly: true, pragmas: [BUSY] });
    const execute: Execute = ({ sql, parameters }, budgetMs) => this.#read(sql, parameters, budgetMs);
    this.#reader = new SqlReader(DIALECT, execute, fromRow);
    this.#log = new SqliteSealLog(execute, (message) => this.#write(message));
  }

  async append(entries: readonly Entry[]): Promise<AppendResult> {
    await this.#ready();
    if (entries.length === 0) return { conflicts: [] };
    const conflicts = await this.#write({
      operation: 'write',
      insert: INSERT,
      insertSubject: INSERT_SUBJECT,
      select: SELECT_DIGEST,
      rows: this.#rows(entries),
    });
    return { conflicts: (conflicts as Uint8Array[]).map(idText) };
  }

  find(query: EventQuery): Promise<EntryPage> {
    return this.#reader.find(query);
  }

  count(query: EventQuery, budgetMs: number): Promise<number | null> {
    return this.#reader.count(query, budgetMs);
  }

  get(id: string, tenantId: string | null): Promise<StoredEntry | undefined> {
    return this.#reader.get(id, tenantId);
  }

  stream(query: EventQuery): AsyncIterable<StoredEntry> {
    return this.#reader.stream(query);
  }

  summarize(query: SummaryQuery): Promise<Summary> {
    return this.#reader.summarize(query);
  }

  head(): Promise<LogHead> {
    return this.#log.head();
  }

  pending(limit: number): Promise<Pending> {
    return this.#log.pending(limit);
  }

  seal(batch: SealBatch): Promise<boolean> {
    return this.#log.seal(batch);
  }

  lag(): Promise<Lag> {
    return this.#log.lag();
  }

  leaves(from: number, limit: number): Promise<readonly SealedLeaf[]> {
    return this.#log.leaves(from, limit);
  }

  leafHashes(from: number, to: number): Promise<readonly Uint8Array[]> {
    return this.#log.leafHashes(from, to);
  }

  nodes(level: number, from: number, to: number): Promise<readonly Uint8Array[]> {
    return this.#log.nodes(level, from, to);
  }

  indexOf(id: string): Promise<number | undefined> {
    return this.#log.indexOf(id);
  }

  checkpoints(
    after: number,
    limit: number,
  ): Promise<readonly (StoredCheckpoint & { readonly place: number })[]> {
    return this.#log.checkpoints(after, limit);
  }

  lastCheckpoint(): Promise<StoredCheckpoint | undefined> {
    return this.#log.lastCheckpoint();
  }

  strays(limit: number): Promise<readonly string[]> {
    return this.#log.strays(limit);
  }

  async migrate({ roles = false }: { readonly roles?: boolean } = {}): Promise<readonly MigrationState[]> {
    if (roles) throw noRoles(this.description);
    this.#checkUsable();
    await this.#writing.send({ operation: 'migrate', ledger: LEDGER, migrations: this.#migrations });
    return this.#migrations.map(({ name }) => ({ name, applied: true }));
  }

  /** Looks and leaves nothing behind: a file that is not there yet is not made. */
  async migrations(): Promise<readonly MigrationState[]> {
    const applied = existsSync(this.#path) ? await this.#applied() : new Set<unknown>();
    return this.#migrations.map(({ name }) => ({ name, applied: applied.has(name) }));
  }

  async check(): Promise<readonly StoreFinding[]> {
    const rows = await this.#read("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'", []);
    const triggers = new Map(rows.map((row) => [String(row['name']), String(row['sql'])]));
    return guardFindings(this.#migrations, triggers, this.#path);
  }

  /** What was asked for before is still done; may be called again. */
  close(): Promise<void> {
    // The writer last: only a connection that may write can fold the log back into the file.
    this.#closing ??= this.#reading.close().then(() => this.#writing.close());
    return this.#closing;
  }

  /** An embedded trail brings its own schema up to date with the first use. */
  async #ready(): Promise<void> {
    this.#checkUsable();
    this.#migrated ??= this.migrate().catch((error: unknown) => {
      this.#migrated = undefined;
      throw error;
    });
    await this.#migrated;
  }

  #checkUsable(): void {
    if (this.#closing) throw new AuditError('CLOSED', `The store in ${this.#path} was closed.`);
    const folder = dirname(this.#path);
    if (existsSync(folder)) return;
    throw new AuditError(
      'STORE_UNAVAILABLE',
      `The trail in ${this.#path} could not be used: there is no folder ${folder}. Make the folder, or correct the path.`,
    );
  }

  #rows(entries: readonly Entry[]): WriteRow[] {
    try {
      return entries.map(toRow);
    } catch (cause) {
      throw refused(messageOf(cause), this.#path, cause);
    }
  }

  async #write(message: Message): Promise<unknown> {
    await this.#ready();
    return this.#writing.send(message);
  }

  async #read(
    text: string,
    params: readonly unknown[],
    budgetMs = this.#readTimeoutMs,
  ): Promise<readonly Row[]> {
    await this.#ready();
    return (await this.#reading.send({ operation: 'read', sql: text, params, budgetMs })) as Row[];
  }

  async #applied(): Promise<Set<unknown>> {
    // Not the reader's thread: a connection that may only read leaves its -wal and -shm files behind.
    const thread = new SqliteThread({
      path: this.#path,
      readonly: false,
      pragmas: [BUSY, 'query_only = ON'],
    });
    const ask = async (sql: string): Promise<Row[]> =>
      (await thread.send({ operation: 'read', sql, params: [], budgetMs: this.#readTimeoutMs })) as Row[];
    try {
      const known = await ask("SELECT 1 FROM sqlite_master WHERE name = 'indelible_migration'");
      const rows = known.length === 0 ? [] : await ask('SELECT name FROM indelible_migration');
      return new Set(rows.map((row) => row['name']));
    } finally {
      await thread.close();
    }
  }
}

function checkPath(path: unknown): void {
  if (typeof path === 'string' && path !== '' && path !== ':memory:') return;
  throw new AuditError(
    'INVALID_OPTIONS',
    'createSqliteStore needs the path of a file, such as { path: "./audit.db" }; for a trail in memory use createMemoryStore().',
  );
}

function noRoles(description: string): AuditError {
  return new AuditError(
    'INVALID_OPTIONS',
    `Roles are PostgreSQL's, and the trail is in the ${description}: migrate without them, and protect the file by its permissions.`,
  );
}
