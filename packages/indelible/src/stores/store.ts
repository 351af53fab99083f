import type { Entry } from '../event/entry.js';
import type { StoredEntry } from '../event/read.js';
import type { EventQuery, Facet, FacetQuery, HistogramQuery, SummaryQuery } from './query.js';
import type { Retention } from './removal.js';
import type { SealLog } from './seal-log.js';
import type { Views } from './views.js';

/** The application's own connection or transaction: all that is needed to write inside it. */
export interface SqlConnection {
  /** May answer at once, as better-sqlite3 does, or by a promise. */
  query(text: string, params: readonly unknown[]): unknown;
}

export interface AppendResult {
  /** Ids that the trail already holds with another body: what was there first stays. */
  readonly conflicts: readonly string[];
}

export interface EventWriter {
  /**
   * Durable when it resolves, all of it or nothing. Idempotent by id: an entry that is already there is
   * left alone, and one with the same id and another body is reported, never overwritten. Safe to call
   * concurrently. A rejection may also mean "stored, but the answer was lost": append again. Rejects with
   * `EVENT_REFUSED` when an entry among them can never be stored, so that it need not be tried again.
   */
  append(entries: readonly Entry[]): Promise<AppendResult>;
}

export interface EntryPage {
  readonly entries: readonly StoredEntry[];
  /**
   * Where reading goes on, when there may be more in that direction. A page may be short, or even empty, and
   * still have a next one: a text that no index holds is looked for in a bounded number of rows at a time.
   */
  readonly next: Position | null;
  readonly previous: Position | null;
}

/** A place in an ordering: the value ordered by, and the id. For an ordering by time the value is the id. */
export interface Position {
  readonly value: string;
  readonly id: string;
}

/** Sums over the days asked for; of each kind at most the 1,000 most frequent. */
export interface Summary {
  readonly total: number;
  readonly byAction: Readonly<Record<string, number>>;
  readonly byRole: Readonly<Record<string, number>>;
  readonly byModel: Readonly<Record<string, number>>;
  readonly byOutcome: Readonly<Record<string, number>>;
  /** The most active first, at most `top`. */
  readonly byActor: readonly { readonly id: string; readonly count: number }[];
  /** One number for each of the query's days, in their order. */
  readonly perDay: readonly number[];
}

/** How often each value comes among the matches that were looked at, the most frequent first. */
export interface Facets {
  readonly values: Readonly<Partial<Record<Facet, readonly FacetValue[]>>>;
  /** How many matches were looked at: the newest. */
  readonly among: number;
  /** True when these were all there are. */
  readonly isAll: boolean;
}

export interface FacetValue {
  readonly value: string;
  readonly count: number;
}

export interface EventReader {
  /** One page. Never longer than the query's limit; its cost does not grow with the size of the trail. */
  find(query: EventQuery): Promise<EntryPage>;
  /** How many events match; null when counting would go over the budget. */
  count(query: EventQuery, budgetMs: number): Promise<number | null>;
  get(id: string, tenantId: string | null): Promise<StoredEntry | undefined>;
  /** Everything that matches, in its order, in constant memory; a limit or a place means nothing here. */
  stream(query: EventQuery): AsyncIterable<StoredEntry>;
  summarize(query: SummaryQuery): Promise<Summary>;
  /** Its cost is bounded by how many matches it looks at, however large the trail is. */
  facets(query: FacetQuery): Promise<Facets>;
  /** How many events match in each stretch of time, in their order. Rejects with `QUERY_TIMEOUT` when that takes too long. */
  histogram(query: HistogramQuery): Promise<readonly number[]>;
}

export interface MigrationState {
  readonly name: string;
  readonly applied: boolean;
}

/** Something about a store that its operator should know. */
export interface StoreFinding {
  readonly severity: 'warning' | 'error';
  readonly message: string;
}

export interface Store extends EventWriter, EventReader, SealLog {
  readonly retention: Retention;
  readonly views: Views;
  /** True for a store that is gone with the process: a spool for it would outlive what it belongs to. */
  readonly isVolatile?: boolean;
  /** One line for the start-up report, without credentials. */
  readonly description: string;
  /** Brings the schema up to date. Harmless to repeat, and from two processes at once. */
  migrate(options?: { readonly roles?: boolean }): Promise<readonly MigrationState[]>;
  migrations(): Promise<readonly MigrationState[]>;
  /** Looks for what would let history be changed or lost. */
  check(): Promise<readonly StoreFinding[]>;
  /** Whatever is asked for afterwards is refused with `CLOSED`. May be called again. */
  close(): Promise<void>;
}
