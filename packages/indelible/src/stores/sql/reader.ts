import { AuditError } from '../../event/errors.js';
import type { StoredEntry } from '../../event/read.js';
import type { EventQuery, SummaryQuery } from '../query.js';
import type { EntryPage, EventReader, Position, Summary } from '../store.js';
import { isUnindexed } from './conditions.js';
import type { Dialect, Statement } from './dialect.js';
import {
  countStatement,
  daysStatement,
  getStatement,
  groupStatement,
  pageStatement,
  scanEndStatement,
  scanStatement,
} from './statements.js';

const STREAM_PAGE = 1_000;
const MOST_GROUPS = 1_000;

export type Row = Readonly<Record<string, unknown>>;

/** Sends one statement; rejects with `QUERY_TIMEOUT` when it takes longer than allowed. */
export type Execute = (statement: Statement, budgetMs?: number) => Promise<readonly Row[]>;

/** Reads events from either SQL database: only the dialect and the sending differ. */
export class SqlReader implements EventReader {
  readonly #dialect: Dialect;
  readonly #execute: Execute;
  readonly #decode: (row: Row) => StoredEntry;

  constructor(dialect: Dialect, execute: Execute, decode: (row: Row) => StoredEntry) {
    this.#dialect = dialect;
    this.#execute = execute;
    this.#decode = decode;
  }

  async find(query: EventQuery): Promise<EntryPage> {
    if (query.search === undefined)
      return this.#page(query, await this.#rows(pageStatement(this.#dialect, query)));
    const recent = this.#page(query, await this.#rows(scanStatement(this.#dialect, query)));
    if (isUnindexed(query.search)) return this.#untilScanEnd(query, recent);
    const isFull = recent.entries.length === query.limit;
    return isFull ? recent : this.#page(query, await this.#rows(pageStatement(this.#dialect, query)));
  }

  async count(query: EventQuery, budgetMs: number): Promise<number | null> {
    if (query.search && isUnindexed(query.search)) return null;
    try {
      const [row] = await this.#execute(countStatement(this.#dialect, query), budgetMs);
      return Number(row?.['count'] ?? 0);
    } catch (error) {
      if (error instanceof AuditError && error.code === 'QUERY_TIMEOUT') return null;
      throw error;
    }
  }

  async get(id: string, tenantId: string | null): Promise<StoredEntry | undefined> {
    const [entry] = await this.#rows(getStatement(this.#dialect, id, tenantId));
    return entry;
  }

  async *stream(query: EventQuery): AsyncIterable<StoredEntry> {
    let after = query.after;
    do {
      const page: EntryPage = await this.find({ ...query, limit: STREAM_PAGE, after });
      yield* page.entries;
      after = page.next ?? undefined;
    } while (after);
  }

  async summarize(query: SummaryQuery): Promise<Summary> {
    const [byAction, byRole, byModel, byOutcome, byActor, perDay] = await Promise.all([
      this.#groups(query, 'action', MOST_GROUPS),
      this.#groups(query, 'role', MOST_GROUPS),
      this.#groups(query, 'target_type', MOST_GROUPS),
      this.#groups(query, 'outcome', MOST_GROUPS),
      this.#groups(query, 'actor_id', query.top),
      this.#days(query),
    ]);
    return {
      total: perDay.reduce((sum, count) => sum + count, 0),
      byAction: Object.fromEntries(byAction),
      byRole: Object.fromEntries(byRole),
      byModel: Object.fromEntries(byModel),
      byOutcome: Object.fromEntries(byOutcome),
      byActor: byActor.map(([id, count]) => ({ id, count })),
      perDay,
    };
  }

  async #rows(statement: Statement): Promise<StoredEntry[]> {
    return (await this.#execute(statement)).map((row) => this.#decode(row));
  }

  async #groups(query: SummaryQuery, column: string, limit: number): Promise<[string, number][]> {
    const rows = await this.#execute(groupStatement(this.#dialect, query, column, limit));
    return rows.map((row) => [String(row['value']), Number(row['count'])]);
  }

  async #days(query: SummaryQuery): Promise<number[]> {
    if (query.dayBounds.length < 2) return [];
    const rows = await this.#execute(daysStatement(this.#dialect, query));
    return rows.map((row) => Number(row['count']));
  }

  #page(query: EventQuery, rows: readonly StoredEntry[]): EntryPage {
    const hasMore = rows.length > query.limit;
    const kept = rows.slice(0, query.limit);
    const entries = query.backwards ? kept.toReversed() : kept;
    const [hasNext, hasPrevious] = query.backwards ? [true, hasMore] : [hasMore, query.after !== undefined];
    return {
      entries,
      next: hasNext ? placeOf(query, entries.at(-1)) : null,
      previous: hasPrevious ? placeOf(query, entries[0]) : null,
    };
  }

  /** A page that the scan could not fill still has a next one while there are rows left to look through. */
  async #untilScanEnd(query: EventQuery, page: EntryPage): Promise<EntryPage> {
    if (page.entries.length === query.limit) return page;
    const [end] = await this.#execute(scanEndStatement(this.#dialect, query));
    if (end === undefined) return page;
    const last = this.#dialect.idText(end['id']);
    const place = { value: last, id: last };
    return query.backwards ? { ...page, previous: place } : { ...page, next: place };
  }
}

function placeOf(query: EventQuery, entry: StoredEntry | undefined): Position | null {
  if (entry === undefined) return null;
  const { id, action } = entry.core;
  if (query.order.column === 'timestamp') return { value: id, id };
  return { value: query.order.column === 'action' ? action : (entry.search.actorText ?? ''), id };
}
