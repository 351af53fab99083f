import { AuditError } from '../../event/errors.js';
import type { StoredEntry } from '../../event/read.js';
import { idBeside, pageOf } from '../place.js';
import type { EventQuery, SummaryQuery } from '../query.js';
import type { EntryPage, EventReader, Summary } from '../store.js';
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

  async #indexed(query: EventQuery): Promise<EntryPage> {
    return this.#page(query, await this.#rows(pageStatement(this.#dialect, query)));
  }

  /**
   * Looks for a text without an index through so many rows and no more. A page that these do not fill still has
   * a next one while there are rows left. Where they end is asked first, so that an event stored meanwhile
   * moves nothing.
   */
  async #read(query: EventQuery): Promise<EntryPage> {
    const [row] = await this.#execute(scanEndStatement(this.#dialect, query));
    if (row === undefined) return this.#indexed(query);
    const id = this.#dialect.idText(row['id']);
    const page = await this.#indexed(upTo(query, id));
    const end = { value: id, id };
    return query.backwards
      ? { ...page, previous: page.previous ?? end }
      : { ...page, next: page.next ?? end };
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
