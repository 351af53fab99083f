import type { StoredEntry } from '../../event/read.js';
import type { Facet, FacetQuery, SummaryQuery } from '../query.js';
import type { Facets, Summary } from '../store.js';
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

const FACET_OF: Readonly<Record<Facet, Key>> = {
  action: ({ core }) => core.action,
  outcome: ({ core }) => core.outcome,
  source: ({ core }) => core.source,
  model: ({ core }) => core.target?.type,
  role: ({ search }) => search.role,
  actorId: ({ core }) => core.actor.id,
  subjectId: ({ core }) => core.subject_id,
};

/** The facets of the newest of what matches, which comes with the newest first. */
export function facetsAmong(matching: readonly StoredEntry[], { facets, among, top }: FacetQuery): Facets {
  const newest = matching.slice(0, among + 1);
  const values = facets.map((facet) => {
    const ranked = ranking(newest, FACET_OF[facet]).slice(0, top);
    return [facet, ranked.map(([value, count]) => ({ value, count }))] as const;
  });
  return { values: Object.fromEntries(values), among: newest.length, isAll: newest.length <= among };
}

export function perStretch(matching: readonly StoredEntry[], bounds: readonly string[]): number[] {
  return bounds.slice(1).map((to, n) => within(matching, bounds[n], to).length);
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
