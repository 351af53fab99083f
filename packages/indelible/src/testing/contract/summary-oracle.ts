import type { Entry } from '../../event/entry.js';
import type { SummaryQuery } from '../../stores/query.js';
import type { Summary } from '../../stores/store.js';
import { answerTo } from './oracle.js';
import { question } from './question.js';

/** What a summary must say, counted event by event. */
export function naiveSummary(
  { tenantId, where, dayBounds: bounds, top }: SummaryQuery,
  all: readonly Entry[],
): Summary {
  const matching = new Set(answerTo(question(tenantId, { where }), all));
  const [first = '', last = ''] = [bounds[0], bounds.at(-1)];
  const entries = all.filter(({ core: { id } }) => matching.has(id) && id >= first && id < last);
  const perDay = bounds
    .slice(1)
    .map((to, n) => entries.filter(({ core: { id } }) => id >= (bounds[n] ?? '') && id < to).length);
  return {
    total: entries.length,
    byAction: Object.fromEntries(ranked(entries, ({ core }) => core.action)),
    byRole: Object.fromEntries(ranked(entries, ({ search }) => search.role)),
    byModel: Object.fromEntries(ranked(entries, ({ core }) => core.target?.type)),
    byOutcome: Object.fromEntries(ranked(entries, ({ core }) => core.outcome)),
    byActor: ranked(entries, ({ core }) => core.actor.id)
      .slice(0, top)
      .map(([id, count]) => ({ id, count })),
    perDay,
  };
}

function ranked(
  entries: readonly Entry[],
  valueOf: (entry: Entry) => string | undefined,
): [string, number][] {
  const counts = new Map<string, number>();
  for (const value of entries.map(valueOf))
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
}
