import { sql } from 'kysely';

import { idBeside } from '../place.js';
import type { EventQuery } from '../query.js';
import type { Dialect, Fragment } from './dialect.js';
import { narrowed } from './range.js';

/** The order that rows are read in; going backwards it is the reverse of the question's. */
export function orderOf(query: EventQuery): Fragment {
  const direction = isDescending(query) ? sql`desc` : sql`asc`;
  const value = valueOf(query);
  return value ? sql`${value} ${direction}, id ${direction}` : sql`id ${direction}`;
}

/** In the order of time a place is one more bound of the range. */
export function withinPlace(query: EventQuery): EventQuery {
  const { after, where, order } = query;
  if (after === undefined || order.column !== 'timestamp') return query;
  const range = isDescending(query)
    ? narrowed(where, undefined, after.id)
    : narrowed(where, idBeside(after.id, 1n), undefined);
  return { ...query, after: undefined, where: range };
}

/** Everything behind the place where the last page ended, in any other order. */
export function behind(dialect: Dialect, query: EventQuery): Fragment[] {
  const value = valueOf(query);
  if (query.after === undefined || value === undefined) return [];
  const compare = isDescending(query) ? sql`<` : sql`>`;
  return [sql`(${value}, id) ${compare} (${query.after.value}, ${dialect.id(query.after.id)})`];
}

export function isDescending(query: EventQuery): boolean {
  return query.order.descending !== (query.backwards ?? false);
}

function valueOf(query: EventQuery): Fragment | undefined {
  if (query.order.column === 'timestamp') return undefined;
  return query.order.column === 'action' ? sql.ref('action') : sql`coalesce(actor_text, '')`;
}
