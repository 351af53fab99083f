import { sql } from 'kysely';

import type { EventQuery, SummaryQuery } from '../query.js';
import { alternativesOf, conditionsOf, searchCondition, subjectCondition } from './conditions.js';
import { and, type Dialect, type Fragment, type Statement } from './dialect.js';

/** How many of the newest rows a search looks through before it turns to an index. */
export const SCAN_ROWS = 10_000;

/** One page, from the indexes. It asks for one row more than the page holds, to see whether there is a next one. */
export function pageStatement(dialect: Dialect, query: EventQuery): Statement {
  const conditions = [...conditionsOf(dialect, query), ...placeOf(dialect, query)];
  const alternatives = alternativesOf(dialect, query);
  if (alternatives.length < 2) return dialect.compile(page(dialect, query, [...conditions, ...alternatives]));
  const pages = alternatives.map(
    (one) => sql`select id from (${ids(query, [...conditions, one], query.limit + 1)}) as page`,
  );
  return dialect.compile(page(dialect, query, [sql`id in (${sql.join(pages, sql` union `)})`]));
}

/**
 * One page of a search, looked for in the newest rows: the quickest way to a common text. The limit inside
 * keeps the planner from answering the search by an index after all.
 */
export function scanStatement(dialect: Dialect, query: EventQuery): Statement {
  const newest = scanned(dialect, query, sql`*`);
  const found = query.search ? searchCondition(query.search) : sql`1 = 1`;
  return dialect.compile(
    sql`select ${dialect.columns} from (${newest}) as indelible_event where ${found} order by ${order(query)} limit ${query.limit + 1}`,
  );
}

/** The last row a scan looks at, if there are as many: where a search without an index goes on. */
export function scanEndStatement(dialect: Dialect, query: EventQuery): Statement {
  return dialect.compile(
    sql`select id from (${scanned(dialect, query, sql`id`)}) as scanned limit 1 offset ${SCAN_ROWS - 1}`,
  );
}

export function countStatement(dialect: Dialect, query: EventQuery): Statement {
  const conditions = conditionsOf(dialect, query);
  const alternatives = alternativesOf(dialect, query);
  if (alternatives.length < 2) {
    return dialect.compile(
      sql`select count(*) as count from indelible_event where ${and([...conditions, ...alternatives])}`,
    );
  }
  const all = alternatives.map(
    (one) => sql`select id from indelible_event where ${and([...conditions, one])}`,
  );
  return dialect.compile(sql`select count(*) as count from (${sql.join(all, sql` union `)}) as matching`);
}

export function getStatement(dialect: Dialect, id: string, tenantId: string | null): Statement {
  const conditions = [...conditionsOf(dialect, { tenantId, where: {} }), sql`id = ${dialect.id(id)}`];
  return dialect.compile(sql`select ${dialect.columns} from indelible_event where ${and(conditions)}`);
}

/** How many events for each value of a column, the most frequent first. */
export function groupStatement(
  dialect: Dialect,
  query: SummaryQuery,
  column: string,
  limit: number,
): Statement {
  const name = sql.ref(column);
  const where = and([...conditionsOf(dialect, query), ...dayRange(dialect, query), sql`${name} is not null`]);
  return dialect.compile(
    sql`select ${name} as value, count(*) as count from indelible_event where ${where} group by ${name} order by count(*) desc, ${name} limit ${limit}`,
  );
}

/** How many events on each day, one row a day in the order of the days. */
export function daysStatement(dialect: Dialect, query: SummaryQuery): Statement {
  const { dayBounds } = query;
  const conditions = conditionsOf(dialect, query);
  const days = dayBounds.slice(0, -1).map((from, day) => {
    const range = [sql`id >= ${dialect.id(from)}`, sql`id < ${dialect.id(dayBounds[day + 1] ?? from)}`];
    return sql`(select count(*) from indelible_event where ${and([...conditions, ...range])})`;
  });
  const rows = days.map((count, day) => sql`select ${sql.lit(day)} as day, ${count} as count`);
  return dialect.compile(sql`${sql.join(rows, sql` union all `)} order by day`);
}

function dayRange(dialect: Dialect, { dayBounds }: SummaryQuery): Fragment[] {
  const first = dayBounds[0];
  const last = dayBounds.at(-1);
  if (first === undefined || last === undefined) return [];
  return [sql`id >= ${dialect.id(first)}`, sql`id < ${dialect.id(last)}`];
}

function page(dialect: Dialect, query: EventQuery, conditions: readonly Fragment[]): Fragment {
  return sql`select ${dialect.columns} from indelible_event where ${and(conditions)} order by ${order(query)} limit ${query.limit + 1}`;
}

function ids(query: EventQuery, conditions: readonly Fragment[], limit: number): Fragment {
  return sql`select id from indelible_event where ${and(conditions)} order by ${order(query)} limit ${limit}`;
}

function scanned(dialect: Dialect, query: EventQuery, columns: Fragment): Fragment {
  const conditions = [
    ...conditionsOf(dialect, query),
    ...subjectCondition(query),
    ...placeOf(dialect, query),
  ];
  return sql`select ${columns} from indelible_event where ${and(conditions)} order by ${order(query)} limit ${SCAN_ROWS}`;
}

function isDescending(query: EventQuery): boolean {
  return query.order.descending !== (query.backwards ?? false);
}

function valueOf(query: EventQuery): Fragment | undefined {
  if (query.order.column === 'timestamp') return undefined;
  return query.order.column === 'action' ? sql.ref('action') : sql`coalesce(actor_text, '')`;
}

function order(query: EventQuery): Fragment {
  const direction = isDescending(query) ? sql`desc` : sql`asc`;
  const value = valueOf(query);
  return value ? sql`${value} ${direction}, id ${direction}` : sql`id ${direction}`;
}

/** Everything behind the place where the last page ended. */
function placeOf(dialect: Dialect, query: EventQuery): Fragment[] {
  if (query.after === undefined) return [];
  const compare = isDescending(query) ? sql`<` : sql`>`;
  const value = valueOf(query);
  const id = dialect.id(query.after.id);
  return [value ? sql`(${value}, id) ${compare} (${query.after.value}, ${id})` : sql`id ${compare} ${id}`];
}
