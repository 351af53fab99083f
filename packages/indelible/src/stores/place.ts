import type { StoredEntry } from '../event/read.js';
import type { EventQuery } from './query.js';
import type { EntryPage, Position } from './store.js';

/** Where an entry stands in the order of a question. */
export function placeOf({ order }: Pick<EventQuery, 'order'>, { core, search }: StoredEntry): Position {
  if (order.column === 'timestamp') return { value: core.id, id: core.id };
  return { value: order.column === 'action' ? core.action : (search.actorText ?? ''), id: core.id };
}

/** The page that entries make, given in the question's order, with the places of its neighbours. */
export function pageOf(query: EventQuery, entries: readonly StoredEntry[], hasMore: boolean): EntryPage {
  const [first, last] = [entries[0], entries.at(-1)];
  const onward = last ? placeOf(query, last) : turningPlace(query);
  const back = first ? placeOf(query, first) : turningPlace(query);
  const cameFrom = query.after !== undefined;
  const [hasNext, hasPrevious] = query.backwards ? [cameFrom, hasMore] : [hasMore, cameFrom];
  return { entries, next: hasNext ? onward : null, previous: hasPrevious ? back : null };
}

/** An empty page was led to by a place; read from just beside it, the other way round, its own entry is not left out. */
function turningPlace({ after, order, backwards = false }: EventQuery): Position | null {
  if (after === undefined) return null;
  const id = idBeside(after.id, order.descending === backwards ? 1n : -1n);
  return { value: order.column === 'timestamp' ? id : after.value, id };
}

/** The id so many steps on. */
export function idBeside(id: string, steps: bigint): string {
  const digits = (BigInt(`0x${id.replaceAll('-', '')}`) + steps).toString(16).padStart(32, '0');
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ].join('-');
}
