import type { SummaryQuery } from '../query.js';
import type { Summary } from '../store.js';
import type { Dialect } from './dialect.js';
import type { Execute } from './reader.js';
import { groupStatement } from './statements.js';
import { stretches } from './stretches.js';

/** Values of each kind that a summary tells; of actors it tells as many as it is asked for. */
export const MOST_GROUPS = 1_000;

/** The sums over days, counted event by event: whatever the conditions, sealed or not. */
export class LiveSummary {
  readonly #dialect: Dialect;
  readonly #execute: Execute;

  constructor(dialect: Dialect, execute: Execute) {
    this.#dialect = dialect;
    this.#execute = execute;
  }

  async summarize(query: SummaryQuery): Promise<Summary> {
    const [byAction, byRole, byModel, byOutcome, byActor, perDay] = await Promise.all([
      this.#groups(query, 'action', MOST_GROUPS),
      this.#groups(query, 'role', MOST_GROUPS),
      this.#groups(query, 'target_type', MOST_GROUPS),
      this.#groups(query, 'outcome', MOST_GROUPS),
      this.#groups(query, 'actor_id', query.top),
      stretches(this.#dialect, this.#execute, { ...query, bounds: query.dayBounds }),
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

  async #groups(query: SummaryQuery, column: string, limit: number): Promise<[string, number][]> {
    const rows = await this.#execute(groupStatement(this.#dialect, query, column, limit));
    return rows.map((row) => [String(row['value']), Number(row['count'])]);
  }
}
