import type { Entry } from '../../event/entry.js';
import type { StoredEntry } from '../../event/read.js';
import type { EventQuery, FacetQuery, HistogramQuery, SummaryQuery } from '../query.js';
import type { Retention } from '../removal.js';
import type { Lag, LogHead, Pending, SealBatch, SealedLeaf, StoredCheckpoint } from '../seal-log.js';
import { SqlReader } from '../sql/reader.js';
import type {
  AppendResult,
  EntryPage,
  Facets,
  MigrationState,
  Store,
  StoreFinding,
  Summary,
} from '../store.js';
import { append } from './append.js';
import { check } from './check.js';
import { Connections } from './connections.js';
import { Migrator } from './migrate.js';
import { type PostgresSettings, type PostgresStoreOptions, settingsOf } from './options.js';
import { dialect, reading } from './read.js';
import { PostgresRetention } from './retention.js';
import type { Views } from '../views.js';
import { PostgresViews } from './views.js';
import { fromRow } from './rows.js';
import { PostgresSealLog } from './seal-log.js';
import { TextIndex } from './text-index.js';

/** Building an index on a large trail takes its time; a lost connection still ends it at last. */
const MIGRATION_MS = 3_600_000;

/** The trail in a PostgreSQL database. */
export class PostgresStore implements Store {
  readonly description: string;
  readonly retention: Retention;
  readonly views: Views;
  readonly #connections: Connections;
  readonly #settings: PostgresSettings;
  readonly #reader: SqlReader;
  readonly #textIndex: TextIndex;
  readonly #migrator: Migrator;
  readonly #log: PostgresSealLog;

  constructor(options: PostgresStoreOptions) {
    this.#settings = settingsOf(options);
    this.#connections = new Connections(options, this.#settings);
    this.#migrator = new Migrator(this.#settings);
    const execute = reading(this.#connections, this.#settings);
    this.#textIndex = new TextIndex(execute);
    this.#reader = new SqlReader(
      dialect(() => this.#textIndex.exists),
      execute,
      fromRow,
    );
    this.#log = new PostgresSealLog(this.#connections, this.#settings, execute);
    this.retention = new PostgresRetention(this.#connections, this.#settings, execute);
    this.views = new PostgresViews(this.#connections, this.#settings.writeTimeoutMs, execute);
    this.description = this.#connections.place;
  }

  async append(entries: readonly Entry[]): Promise<AppendResult> {
    this.#connections.requireOpen();
    if (entries.length === 0) return { conflicts: [] };
    return this.#connections.use(this.#settings.writeTimeoutMs, (connection) => append(connection, entries));
  }

  async find(query: EventQuery): Promise<EntryPage> {
    await this.#textIndex.prepare(query);
    return this.#reader.find(query);
  }

  async count(query: EventQuery, budgetMs: number): Promise<number | null> {
    await this.#textIndex.prepare(query);
    return this.#reader.count(query, budgetMs);
  }

  get(id: string, tenantId: string | null): Promise<StoredEntry | undefined> {
    return this.#reader.get(id, tenantId);
  }

  async *stream(query: EventQuery): AsyncIterable<StoredEntry> {
    await this.#textIndex.prepare(query);
    yield* this.#reader.stream(query);
  }

  async summarize(query: SummaryQuery): Promise<Summary> {
    await this.#textIndex.prepare(query);
    return this.#reader.summarize(query);
  }

  async facets(query: FacetQuery): Promise<Facets> {
    await this.#textIndex.prepare(query);
    return this.#reader.facets(query);
  }

  async histogram(query: HistogramQuery): Promise<readonly number[]> {
    await this.#textIndex.prepare(query);
    return this.#reader.histogram(query);
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

  rawLeaves(from: number, limit: number): Promise<readonly SealedLeaf[]> {
    return this.#log.rawLeaves(from, limit);
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

  migrate(options: { readonly roles?: boolean } = {}): Promise<readonly MigrationState[]> {
    return this.#connections.use(MIGRATION_MS, async (connection) => {
      await this.#migrator.migrate(connection, options);
      return this.#migrator.states(connection);
    });
  }

  migrations(): Promise<readonly MigrationState[]> {
    return this.#connections.use(this.#settings.readTimeoutMs, (connection) =>
      this.#migrator.states(connection),
    );
  }

  check(): Promise<readonly StoreFinding[]> {
    return this.#connections.use(this.#settings.readTimeoutMs, async (connection) => {
      const migrations = await this.#migrator.states(connection);
      return check(connection, this.description, {
        migrations,
        guardBody: this.#migrator.bodyOf('indelible_guard'),
      });
    });
  }

  close(): Promise<void> {
    return this.#connections.close();
  }
}
