import type { StoredEntry } from '../../event/read.js';
import type { EventQuery } from '../../stores/query.js';
import type { EntryPage, Store } from '../../stores/store.js';

/** A question for a tenant's events, newest first, unless more is said. */
export function question(tenantId: string | null, more: Partial<EventQuery> = {}): EventQuery {
  return { tenantId, where: {}, order: { column: 'timestamp', descending: true }, limit: 50, ...more };
}

export function idsOf(entries: readonly Pick<StoredEntry, 'core'>[]): string[] {
  return entries.map(({ core }) => core.id);
}

/** The ids of every page, following `next` from the first; `onPage` is called after each. */
export async function pageForward(
  store: Store,
  query: EventQuery,
  onPage: (page: EntryPage) => Promise<void> = async () => undefined,
): Promise<{ ids: string[]; last: EntryPage }> {
  const ids: string[] = [];
  for (let after = query.after; ;) {
    const page = await store.find({ ...query, after });
    ids.push(...idsOf(page.entries));
    await onPage(page);
    if (page.next === null) return { ids, last: page };
    after = page.next;
  }
}

/** The ids of every page before one, in the question's order, following `previous`. */
export async function pageBack(store: Store, query: EventQuery, from: EntryPage): Promise<string[]> {
  const ids: string[] = [];
  for (let after = from.previous; after !== null;) {
    const page: EntryPage = await store.find({ ...query, after, backwards: true });
    ids.unshift(...idsOf(page.entries));
    after = page.previous;
  }
  return ids;
}

export async function collect(store: Store, query: EventQuery): Promise<string[]> {
  const ids: string[] = [];
  for await (const { core } of store.stream(query)) ids.push(core.id);
  return ids;
}
