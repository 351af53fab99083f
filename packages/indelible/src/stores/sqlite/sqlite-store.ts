import { sql } from 'kysely';

import type { Entry } from '../../event/entry.js';
import { AuditError } from '../../event/errors.js';
import type { StoredEntry } from '../../event/read.js';
import { type Migration, readMigrations } from '../migrations.js';
import type { EventQuery, SummaryQuery } from '../query.js';
import { type Dialect, sqliteCompiler } from '../sql/dialect.js';
import { type Row, SqlReader } from '../sql/reader.js';
import type { AppendResult, EntryPage, MigrationState, Store, StoreFinding, Summary } from '../store.js';
import { COLUMNS, fromRow, idBytes, idText, toRow } from './rows.js';
import { SqliteThread } from './thread.js';

export interface SqliteStoreOptions {
  /** The file of the trail; made when it is not there. */
  readonly path: string;
  /** Longest time one question may take, in milliseconds; 10,000 by default. */
  readonly readTimeoutMs?: number | undefined;
}

const PRAGMAS = [
  'busy_timeout = 5000',
  'journal_mode = WAL',
  'synchronous = FULL',
  'secure_delete = ON',
  'foreign_keys = ON',
];
const LEDGER = `CREATE TABLE IF NOT EXISTS indelible_migration (
  name TEXT PRIMARY KEY, digest TEXT NOT NULL, applied_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000 AS INTEGER))
) STRICT`;
const INSERT = `INSERT INTO indelible_event (${COLUMNS.join(', ')})
  SELECT ${COLUMNS.map(() => '?').join(', ')} WHERE NOT EXISTS (SELECT 1 FROM indelible_event WHERE id = ?)`;
const INSERT_SUBJECT =
  'INSERT OR IGNORE INTO indelible_event_subject (tenant_id, subject_id, event_id) VALUES (?, ?, ?)';
const SELECT_DIGEST = 'SELECT payload_digest FROM indelible_event WHERE id = ?';
const GUARDS = ['update', 'delete', 'replace'].map((name) => `indelible_event_guard_${name}`);

const DIALECT: Dialect = {
  columns: sql.raw([...COLUMNS, 'recorded_at'].join(', ')),
  deadline: sql`indelible_in_time()`,
  compile: sqliteCompiler(),
  id: (id) => sql`${idBytes(id)}`,
  idText,
  contains: (column, text) =>
    sql`seq in (select rowid from indelible_event_search where ${sql.ref(column)} glob ${globPattern(text)})`,
};

/** The trail in one SQLite file, written and read on threads of their own. */
export class SqliteStore implements Store {
  readonly description: string;
  readonly #path: string;
  readonly #writer: SqliteThread;
  readonly #readerThread: SqliteThread;
  readonly #reader: SqlReader;
  readonly #migrations: readonly Migration[] = readMigrations(new URL('./migrations/', import.meta.url));
  readonly #readTimeoutMs: number;
  #migrated: Promise<unknown> | undefined;

  constructor(options: SqliteStoreOptions) {
    if (typeof options?.path !== 'string' || options.path === '' || options.path === ':memory:') {
      throw new AuditError(
        'INVALID_OPTIONS',
        'createSqliteStore needs the path of a file, such as { path: "./audit.db" }; for a trail in memory use createMemoryStore().',
      );
    }
    this.#path = options.path;
    this.#readTimeoutMs = options.readTimeoutMs ?? 10_000;
    this.description = `SQLite file ${this.#path}`;
    this.#writer = new SqliteThread({ path: this.#path, readonly: false, pragmas: PRAGMAS });
    this.#readerThread = new SqliteThread({ path: this.#path, readonly: true, pragmas: PRAGMAS.slice(0, 1) });
    this.#reader = new SqlReader(
      DIALECT,
      (statement, budgetMs) => this.#read(statement.sql, statement.parameters, budgetMs),
      fromRow,
    );
  }

  async append(entries: readonly Entry[]): Promise<AppendResult> {
    if (entries.length === 0) return { conflicts: [] };
    await this.#ready();
    const rows = entries.map(toRow);
    const conflicts = await this.#writer.send({
      operation: 'write',
      insert: INSERT,
      insertSubject: INSERT_SUBJECT,
      select: SELECT_DIGEST,
      rows,
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

  async migrate(): Promise<readonly MigrationState[]> {
    await this.#writer.send({ operation: 'migrate', ledger: LEDGER, migrations: this.#migrations });
    return this.#migrations.map(({ name }) => ({ name, applied: true }));
  }

  async migrations(): Promise<readonly MigrationState[]> {
    const known = await this.#query("SELECT 1 FROM sqlite_master WHERE name = 'indelible_migration'");
    const rows = known.length === 0 ? [] : await this.#query('SELECT name FROM indelible_migration');
    const applied = new Set(rows.map((row) => row['name']));
    return this.#migrations.map(({ name }) => ({ name, applied: applied.has(name) }));
  }

  async check(): Promise<readonly StoreFinding[]> {
    await this.#ready();
    const rows = await this.#query("SELECT name FROM sqlite_master WHERE type = 'trigger'");
    const present = new Set(rows.map((row) => row['name']));
    const missing = GUARDS.filter((name) => !present.has(name));
    return missing.map((name) => ({
      severity: 'error',
      message: `The guard ${name} is missing in ${this.#path}: events could be altered without notice.`,
    }));
  }

  async close(): Promise<void> {
    await Promise.all([this.#writer.close(), this.#readerThread.close()]);
  }

  /** An embedded trail brings its own schema up to date with the first use. */
  #ready(): Promise<unknown> {
    this.#migrated ??= this.migrate().catch((error: unknown) => {
      this.#migrated = undefined;
      throw error;
    });
    return this.#migrated;
  }

  async #read(
    text: string,
    params: readonly unknown[],
    budgetMs = this.#readTimeoutMs,
  ): Promise<readonly Row[]> {
    await this.#ready();
    return this.#query(text, params, budgetMs);
  }

  async #query(
    text: string,
    params: readonly unknown[] = [],
    budgetMs = this.#readTimeoutMs,
  ): Promise<readonly Row[]> {
    return (await this.#readerThread.send({ operation: 'read', sql: text, params, budgetMs })) as Row[];
  }
}

/** GLOB, unlike LIKE with an ESCAPE clause, is answered from the trigrams. */
function globPattern(text: string): string {
  return `*${text.replaceAll(/[*?[]/g, (wildcard) => `[${wildcard}]`)}*`;
}
