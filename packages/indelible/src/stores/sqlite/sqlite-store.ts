import type { Entry } from '../../event/entry.js';
import { messageOf } from '../../event/errors.js';
import type { StoredEntry } from '../../event/read.js';
import type { EventQuery, FacetQuery, HistogramQuery, SummaryQuery } from '../query.js';
import type { Retention } from '../removal.js';
import type { Lag, LogHead, Pending, SealBatch, SealedLeaf, StoredCheckpoint } from '../seal-log.js';
import { idText } from '../sql/packed.js';
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
import { DIALECT } from './dialect.js';
import { refused } from './failure.js';
import { SqliteRetention } from './retention.js';
import { COLUMNS, fromRow, toRow } from './rows.js';
import { SqliteSealLog } from './seal-log.js';
import { SqliteFile, type SqliteStoreOptions } from './sqlite-file.js';
import type { WriteRow } from './thread.js';
import type { Views } from '../views.js';
import { SqliteViews } from './views.js';

export type { SqliteStoreOptions };

const INSERT = `INSERT INTO indelible_event (${COLUMNS.join(', ')})
  SELECT ${COLUMNS.map(() => '?').join(', ')} WHERE NOT EXISTS (SELECT 1 FROM indelible_event WHERE id = ?)
    AND NOT EXISTS (SELECT 1 FROM indelible_purged WHERE event_id = ?)`;
const INSERT_SUBJECT =
  'INSERT INTO indelible_event_subject (tenant_id, subject_id, event_id) VALUES (?, ?, ?)';
const SELECT_DIGEST = 'SELECT payload_digest FROM indelible_event WHERE id = ?';

/** The trail in one SQLite file, written and read on threads of their own. */
export class SqliteStore implements Store {
  readonly description: string;
  readonly retention: Retention;
  readonly views: Views;
  readonly #file: SqliteFile;
  readonly #reader: SqlReader;
  readonly #log: SqliteSealLog;

  /** Further pragmas are for the writing connection. */
  constructor(options: SqliteStoreOptions, pragmas: readonly string[] = []) {
    this.#file = new SqliteFile(options, pragmas);
    const { description, execute } = this.#file;
    this.description = description;
    this.#reader = new SqlReader(DIALECT, execute, fromRow);
    this.#log = new SqliteSealLog(execute, (message) => this.#file.write(message));
    this.retention = new SqliteRetention(this.#file);
    this.views = new SqliteViews(this.#file);
  }

  async append(entries: readonly Entry[]): Promise<AppendResult> {
    await this.#file.ready();
    if (entries.length === 0) return { conflicts: [] };
    const conflicts = await this.#file.write({
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

  facets(query: FacetQuery): Promise<Facets> {
    return this.#reader.facets(query);
  }

  histogram(query: HistogramQuery): Promise<readonly number[]> {
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

  migrate(options?: { readonly roles?: boolean }): Promise<readonly MigrationState[]> {
    return this.#file.migrate(options);
  }

  migrations(): Promise<readonly MigrationState[]> {
    return this.#file.migrations();
  }

  check(): Promise<readonly StoreFinding[]> {
    return this.#file.check();
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #rows(entries: readonly Entry[]): WriteRow[] {
    try {
      return entries.map(toRow);
    } catch (cause) {
      throw refused(messageOf(cause), this.#file.path, cause);
    }
  }
}
