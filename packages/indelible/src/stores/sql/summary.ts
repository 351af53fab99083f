import type { SummaryQuery } from '../query.js';
import type { Summary } from '../store.js';
import type { Dialect } from './dialect.js';
import type { Execute, Row } from './reader.js';
import { LiveSummary, MOST_GROUPS } from './summary-live.js';
import { spanOf } from './summary-span.js';
import { COUNTED_COLUMNS, type SummaryParts, summaryStatement } from './summary-statement.js';

/** Events without a leaf that a summary counts beside the tallies; where there are more, it counts all events. */
const MOST_UNSEALED = 10_000;

/**
 * The sums over days: of what is sealed by the tallies, of what is not by the events. Where the tallies cannot answer
 * a question, and as long as most of a trail is not sealed, by the events alone.
 */
export class SummaryReader {
  readonly #dialect: Dialect;
  readonly #execute: Execute;
  readonly #live: LiveSummary;

  constructor(dialect: Dialect, execute: Execute) {
    this.#dialect = dialect;
    this.#execute = execute;
    this.#live = new LiveSummary(dialect, execute);
  }

  async summarize(query: SummaryQuery): Promise<Summary> {
    return (await this.#tallied(query)) ?? this.#live.summarize(query);
  }

  async #tallied(query: SummaryQuery): Promise<Summary | undefined> {
    const span = spanOf(query);
    const unsealed = span && (await this.#unsealed());
    if (span === undefined || unsealed === undefined) return undefined;
    const parts: SummaryParts = { query, span, unsealed, most: MOST_GROUPS };
    const rows = await this.#execute(summaryStatement(this.#dialect, parts));
    return new Sums(rows, query, this.#dialect).summary();
  }

  async #unsealed(): Promise<SummaryParts['unsealed'] | undefined> {
    const { tallies } = this.#dialect;
    const [row] = tallies.standing ? await this.#execute(this.#dialect.compile(tallies.standing)) : [];
    return tallies.unsealed(row, COUNTED_COLUMNS, MOST_UNSEALED + 1);
  }
}

/** What the rows of the statement add up to. */
class Sums {
  readonly #kinds = new Map<string, Row[]>();
  readonly #bounds: readonly string[];
  readonly #dialect: Dialect;

  constructor(rows: readonly Row[], { dayBounds }: SummaryQuery, dialect: Dialect) {
    this.#bounds = dayBounds;
    this.#dialect = dialect;
    for (const row of rows) this.#of(String(row['kind'])).push(row);
    for (const of of this.#kinds.values()) of.sort((a, b) => Number(a['place']) - Number(b['place']));
  }

  /** Undefined when there was more to count than was counted. */
  summary(): Summary | undefined {
    if (this.#counts('unsealed').some(([, count]) => count > MOST_UNSEALED)) return undefined;
    const perDay = this.#perDay();
    return {
      total: perDay.reduce((sum, count) => sum + count, 0),
      byAction: Object.fromEntries(this.#counts('action')),
      byRole: Object.fromEntries(this.#counts('role')),
      byModel: Object.fromEntries(this.#counts('model')),
      byOutcome: Object.fromEntries(this.#counts('outcome')),
      byActor: this.#counts('actor').map(([id, count]) => ({ id, count })),
      perDay,
    };
  }

  #perDay(): number[] {
    const perDay = this.#counts('day').map(([, count]) => count);
    for (const row of this.#of('event')) {
      const day = lastUpTo(this.#bounds, this.#dialect.idText(row['id']));
      perDay[day] = (perDay[day] ?? 0) + 1;
    }
    return perDay;
  }

  #counts(kind: string): [string, number][] {
    return this.#of(kind).map((row) => [String(row['value']), Number(row['count'])]);
  }

  #of(kind: string): Row[] {
    let rows = this.#kinds.get(kind);
    if (rows === undefined) this.#kinds.set(kind, (rows = []));
    return rows;
  }
}

/** The last of the bounds, in their order, that an id has come to. */
function lastUpTo(bounds: readonly string[], id: string): number {
  let [low, high] = [0, bounds.length];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((bounds[middle] ?? '') <= id) low = middle;
    else high = middle;
  }
  return low;
}
