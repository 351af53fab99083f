import { AuditError } from '../../event/errors.js';
import type { StoredEntry } from '../../event/read.js';
import { idBeside, pageOf } from '../place.js';
import type { EventQuery, FacetQuery, HistogramQuery, SummaryQuery } from '../query.js';
import type { EntryPage, EventReader, Facets, Summary } from '../store.js';
import { textLookup } from './conditions.js';
import type { Dialect, Statement } from './dialect.js';
import { isDescending } from './order.js';
import { narrowed } from './range.js';
import {
  countStatement,
  getStatement,
  pageStatement,
  scanEndStatement,
  scanStatement,
} from './statements.js';
import { facetsOf, facetStatement, newestOf } from './facets.js';
import { stretches } from './stretches.js';
import { SummaryReader } from './summary.js';

const STREAM_PAGE = 1_000;

export type Row = Readonly<Record<string, unknown>>;

/** Sends one statement; rejects with `QUERY_TIMEOUT` when it takes longer than allowed. */
export type Execute = (statement: Statement, budgetMs?: number) => Promise<readonly Row[]>;

/** Reads events from either SQL database: only the dialect and the sending differ. */
export class SqlReader implements EventReader {
  readonly #dialect: Dialect;
  readonly #execute: Execute;
  readonly #decode: (row: Row) => StoredEntry;
  readonly #summary: SummaryReader;

  constructor(dialect: Dialect, execute: Execute, decode: (row: Row) => StoredEntry) {
    this.#dialect = dialect;
    this.#execute = execute;
    this.#decode = decode;
    this.#summary = new SummaryReader(dialect, execute);
  }

  /** Orders other than by time are asked for few matches only, which are sorted whole. */
  async find(query: EventQuery): Promise<EntryPage> {
    const lookup = textLookup(this.#dialect, query);
    if (lookup === 'none' || query.order.column !== 'timestamp') return this.#indexed(query);
    if (lookup === 'rows') return this.#read(query);
    const recent = await this.#rows(scanStatement(this.#dialect, query));
    return recent.length > query.limit ? this.#page(query, recent) : this.#indexed(query);
  }

  async count(query: EventQuery, budgetMs: number): Promise<number | null> {
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
    let after: EventQuery['after'];
    do {
      const page: EntryPage = await this.find({ ...query, limit: STREAM_PAGE, after, backwards: false });
      yield* page.entries;
      after = page.next ?? undefined;
    } while (after);
  }

  summarize(query: SummaryQuery): Promise<Summary> {
    return this.#summary.summarize(query);
  }

  /** A text that no index holds is looked for in the newest rows alone. */
  async facets(query: FacetQuery): Promise<Facets> {
    const newest = newestOf(query);
    const end = textLookup(this.#dialect, newest) === 'rows' ? await this.#scanEnd(newest) : undefined;
    const asked = end === undefined ? newest : upTo(newest, end);
    const facets = facetsOf(await this.#execute(facetStatement(this.#dialect, query, asked)), query);
    return end === undefined ? facets : { ...facets, isAll: false };
  }

  histogram(query: HistogramQuery): Promise<readonly number[]> {
    return stretches(this.#dialect, this.#execute, query);
  }

  async #indexed(query: EventQuery): Promise<EntryPage> {
    return this.#page(query, await this.#rows(pageStatement(this.#dialect, query)));
  }

  /**
   * Looks for a text without an index through so many rows and no more. A page that these do not fill still has
   * a next one while there are rows left. Where they end is asked first, so that an event stored meanwhile
   * moves nothing.
   */
  async #read(query: EventQuery): Promise<EntryPage> {
    const id = await this.#scanEnd(query);
    if (id === undefined) return this.#indexed(query);
    const page = await this.#indexed(upTo(query, id));
    const end = { value: id, id };
    return query.backwards
      ? { ...page, previous: page.previous ?? end }
      : { ...page, next: page.next ?? end };
  }

  async #scanEnd(query: EventQuery): Promise<string | undefined> {
    const [row] = await this.#execute(scanEndStatement(this.#dialect, query));
    return row && this.#dialect.idText(row['id']);
  }

  async #rows(statement: Statement): Promise<StoredEntry[]> {
    return (await this.#execute(statement)).map((row) => this.#decode(row));
  }

  #page(query: EventQuery, rows: readonly StoredEntry[]): EntryPage {
    const entries = rows.slice(0, query.limit);
    return pageOf(query, query.backwards ? entries.toReversed() : entries, rows.length > query.limit);
  }
}

/** The question, asked only as far as a row in its order, that row included. */
function upTo(query: EventQuery, id: string): EventQuery {
  const where = isDescending(query)
    ? narrowed(query.where, id, undefined)
    : narrowed(query.where, undefined, idBeside(id, 1n));
  return { ...query, where };
}
