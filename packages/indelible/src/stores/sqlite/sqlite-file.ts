import { existsSync } from 'node:fs';
import { dirname } from 'node:path';

import { AuditError } from '../../event/errors.js';
import type { Execute, Row } from '../sql/reader.js';
import type { MigrationState, StoreFinding } from '../store.js';
import { checkDriver } from './driver.js';
import { guardFindings, LEDGER, migrations } from './schema.js';
import { type Command, type Message, SqliteThread } from './thread.js';

export interface SqliteStoreOptions {
  /** The file of the trail; made when it is not there. */
  readonly path: string;
  /** Longest time one question may take, in milliseconds; 10,000 by default. */
  readonly readTimeoutMs?: number | undefined;
}

const BUSY = 'busy_timeout = 5000';
const PRAGMAS = [BUSY, 'journal_mode = WAL', 'synchronous = FULL', 'secure_delete = ON', 'foreign_keys = ON'];

/** A file with a trail in it, whose schema is brought up to date with the first use. */
export class SqliteFile {
  readonly path: string;
  readonly description: string;
  /** Asks a question, on a connection that may only read. */
  readonly execute: Execute = ({ sql, parameters }, budgetMs) => this.#read(sql, parameters, budgetMs);
  readonly #readTimeoutMs: number;
  readonly #migrations = migrations();
  readonly #writing: SqliteThread;
  readonly #reading: SqliteThread;
  #migrated: Promise<unknown> | undefined;
  #closing: Promise<void> | undefined;

  /** Further pragmas are for the writing connection. */
  constructor(options: SqliteStoreOptions, pragmas: readonly string[] = []) {
    checkPath(options?.path);
    checkDriver();
    this.path = options.path;
    this.#readTimeoutMs = options.readTimeoutMs ?? 10_000;
    this.description = `SQLite file ${this.path}`;
    this.#writing = new SqliteThread({
      path: this.path,
      readonly: false,
      pragmas: [...PRAGMAS, ...pragmas],
    });
    this.#reading = new SqliteThread({ path: this.path, readonly: true, pragmas: [BUSY] });
  }

  async write(message: Message): Promise<unknown> {
    await this.ready();
    return this.#writing.send(message);
  }

  /** Changes something in one transaction, and answers what is then there. */
  async change(change: Command, answer: Command): Promise<readonly Row[]> {
    return (await this.write({ operation: 'change', change, answer })) as Row[];
  }

  async migrate({ roles = false }: { readonly roles?: boolean } = {}): Promise<readonly MigrationState[]> {
    if (roles) throw noRoles(this.description);
    this.#checkUsable();
    await this.#writing.send({ operation: 'migrate', ledger: LEDGER, migrations: this.#migrations });
    return this.#migrations.map(({ name }) => ({ name, applied: true }));
  }

  /** Looks and leaves nothing behind: a file that is not there yet is not made. */
  async migrations(): Promise<readonly MigrationState[]> {
    const applied = existsSync(this.path) ? await this.#applied() : new Set<unknown>();
    return this.#migrations.map(({ name }) => ({ name, applied: applied.has(name) }));
  }

  async check(): Promise<readonly StoreFinding[]> {
    const rows = await this.#read("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'", []);
    const triggers = new Map(rows.map((row) => [String(row['name']), String(row['sql'])]));
    const open = await this.#read('SELECT 1 FROM indelible_removing', []);
    return [...guardFindings(this.#migrations, triggers, this.path), ...open.map(() => leftOpen(this.path))];
  }

  /** What was asked for before is still done; may be called again. */
  close(): Promise<void> {
    // The writer last: only a connection that may write can fold the log back into the file.
    this.#closing ??= this.#reading.close().then(() => this.#writing.close());
    return this.#closing;
  }

  /** An embedded trail brings its own schema up to date with the first use. */
  async ready(): Promise<void> {
    this.#checkUsable();
    this.#migrated ??= this.migrate().catch((error: unknown) => {
      this.#migrated = undefined;
      throw error;
    });
    await this.#migrated;
  }

  #checkUsable(): void {
    if (this.#closing) throw new AuditError('CLOSED', `The store in ${this.path} was closed.`);
    const folder = dirname(this.path);
    if (existsSync(folder)) return;
    throw new AuditError(
      'STORE_UNAVAILABLE',
      `The trail in ${this.path} could not be used: there is no folder ${folder}. Make the folder, or correct the path.`,
    );
  }

  async #read(
    text: string,
    params: readonly unknown[],
    budgetMs = this.#readTimeoutMs,
  ): Promise<readonly Row[]> {
    await this.ready();
    return (await this.#reading.send({ operation: 'read', sql: text, params, budgetMs })) as Row[];
  }

  async #applied(): Promise<Set<unknown>> {
    // Not the reader's thread: a connection that may only read leaves its -wal and -shm files behind.
    const thread = new SqliteThread({
      path: this.path,
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

/** No store leaves a row there; while there is one, the guards let pass what that removal may do. */
function leftOpen(path: string): StoreFinding {
  return {
    severity: 'error',
    message: `The guards of ${path} stand open: indelible_removing holds a removal that is not under way. Find out who put it there, and delete that row.`,
  };
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
