import { sql } from 'kysely';

import type { EventQuery } from '../query.js';
import type { Dialect, Fragment } from './dialect.js';

/** The order that rows are read in; going backwards it is the reverse of the question's. */
export function orderOf(query: EventQuery): Fragment {
  const direction = isDescending(query) ? sql`desc` : sql`asc`;
  const value = valueOf(query);
  return value ? sql`${value} ${direction}, id ${direction}` : sql`id ${direction}`;
}

/** Everything behind the place where the last page ended. */
export function behind(dialect: Dialect, query: EventQuery): Fragment[] {
  if (query.after === undefined) return [];
  const compare = isDescending(query) ? sql`<` : sql`>`;
  const value = valueOf(query);
  const id = dialect.id(query.after.id);
  return [value ? sql`(${value}, id) ${compare} (${query.after.value}, ${id})` : sql`id ${compare} ${id}`];
}

export function isDescending(query: EventQuery): boolean {
  return query.order.descending !== (query.backwards ?? false);
}

function valueOf(query: EventQuery): Fragment | undefined {
  if (query.order.column === 'timestamp') return undefined;
  return query.order.column === 'action' ? sql.ref('action') : sql`coalesce(actor_text, '')`;
}
