import type { StoredEntry } from '../../event/read.js';
import type { SummaryQuery } from '../query.js';
import type { Summary } from '../store.js';
import { isBetween } from './match.js';

const MOST = 1_000;

type Key = (entry: StoredEntry) => string | undefined;

/** The sums over entries that all match. */
export function summaryOf(matching: readonly StoredEntry[], { dayBounds, top }: SummaryQuery): Summary {
  const days = dayBounds.slice(1).map((to, day) => within(matching, dayBounds[day], to));
  const all = days.flat();
  return {
    total: all.length,
    byAction: counts(all, ({ core }) => core.action),
    byRole: counts(all, ({ search }) => search.role),
    byModel: counts(all, ({ core }) => core.target?.type),
    byOutcome: counts(all, ({ core }) => core.outcome),
    byActor: ranking(all, ({ core }) => core.actor.id)
      .slice(0, top)
      .map(([id, count]) => ({ id, count })),
    perDay: days.map((day) => day.length),
  };
}

function within(
  entries: readonly StoredEntry[],
  from: string | undefined,
  to: string | undefined,
): readonly StoredEntry[] {
  return entries.filter(({ core }) => isBetween(core.id, from, to));
}

function counts(entries: readonly StoredEntry[], keyOf: Key): Record<string, number> {
  return Object.fromEntries(ranking(entries, keyOf).slice(0, MOST));
}

function ranking(entries: readonly StoredEntry[], keyOf: Key): [string, number][] {
  const found = new Map<string, number>();
  for (const entry of entries) {
    const key = keyOf(entry);
    if (key !== undefined) found.set(key, (found.get(key) ?? 0) + 1);
  }
  return [...found].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
}
