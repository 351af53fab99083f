import { sql } from 'kysely';

import type { EventConditions, EventQuery, HistogramQuery, SummaryQuery } from '../query.js';
import { alternativesOf, conditionsOf, subjectCondition, textConditions } from './conditions.js';
import { and, type Dialect, type Fragment, type Statement } from './dialect.js';
import { behind, orderOf, withinPlace } from './order.js';
import { narrowed } from './range.js';

/** How many of the newest rows a search looks through before it turns to an index. */
const SCAN_ROWS = 10_000;

/**
 * One page, from the indexes. It asks for one row more than the page holds, to see whether there is a next one.
 * Where rows do not come in order, their ids are sorted and no more than that.
 */
export function pageStatement(dialect: Dialect, query: EventQuery): Statement {
  return dialect.compile(pageOf(dialect, query, dialect.columns));
}

export function pageOf(dialect: Dialect, given: EventQuery, columns: Fragment): Fragment {
  const query = withinPlace(given);
  const ways = waysOf(dialect, query);
  const [only] = ways;
  const isInOrder = query.tenantId !== null && query.where.actorText === undefined;
  if (ways.length === 1 && only && isInOrder) return rows(query, columns, only, query.limit + 1);
  const pages = ways.map(
    (way) => sql`select id from (${rows(query, sql`id`, way, query.limit + 1)}) as page`,
  );
  return rows(query, columns, [sql`id in (${sql.join(pages, sql` union `)})`], query.limit + 1);
}

/**
 * One page of what holds a text, looked for in the newest rows: the quickest way to a common text. The limit inside
 * keeps the planner from answering the search by an index after all.
 */
export function scanStatement(dialect: Dialect, given: EventQuery): Statement {
  const query = withinPlace(given);
  const newest = rows(query, sql`*`, scanned(dialect, query), SCAN_ROWS);
  const found = and(textConditions(dialect, query));
  return dialect.compile(
    sql`select ${dialect.columns} from (${newest}) as indelible_event where ${found} order by ${orderOf(query)} limit ${query.limit + 1}`,
  );
}

/** The last row that is looked at in one go for a text without an index; none when there are not as many. */
export function scanEndStatement(dialect: Dialect, given: EventQuery): Statement {
  const query = withinPlace(given);
  const newest = rows(query, sql`id`, scanned(dialect, query), SCAN_ROWS);
  return dialect.compile(sql`select id from (${newest}) as scanned limit 1 offset ${SCAN_ROWS - 1}`);
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
  const [first, last] = [query.dayBounds[0], query.dayBounds.at(-1)];
  const where = and([...summed(dialect, query, first, last), sql`${name} is not null`]);
  return dialect.compile(
    sql`select ${name} as value, count(*) as count from indelible_event where ${where} group by ${name} order by count(*) desc, ${name} limit ${limit}`,
  );
}

/** How many events in each stretch of time, one row a stretch in their order. */
export function stretchesStatement(dialect: Dialect, query: HistogramQuery): Statement {
  const stretches = query.bounds.slice(1).map((to, n) => {
    const where = and(summed(dialect, query, query.bounds[n], to));
    return sql`select ${sql.lit(n)} as stretch, (select count(*) from indelible_event where ${where}) as count`;
  });
  return dialect.compile(sql`${sql.join(stretches, sql` union all `)} order by stretch`);
}

/**
 * The sets of conditions whose pages together make the page. Several actions are several ways, so that each
 * page comes from the index in its order and ends early.
 */
function waysOf(dialect: Dialect, query: EventQuery): Fragment[][] {
  return actionByAction(query).flatMap((where) => {
    const one = { ...query, where };
    const conditions = [...conditionsOf(dialect, one), ...behind(dialect, query)];
    const alternatives = alternativesOf(dialect, one);
    return alternatives.length === 0 ? [conditions] : alternatives.map((way) => conditions.concat(way));
  });
}

/** Not for a search, which finds few rows or many by its own indexes, nor for another order, which is sorted. */
function actionByAction({ where, search, order }: EventQuery): EventConditions[] {
  const { actions = [] } = where;
  if (actions.length < 2 || search || order.column !== 'timestamp') return [where];
  return actions.map((action) => Object.assign({}, where, { actions: [action] }));
}

function rows(
  query: EventQuery,
  columns: Fragment,
  conditions: readonly Fragment[],
  limit: number,
): Fragment {
  return sql`select ${columns} from indelible_event where ${and(conditions)} order by ${orderOf(query)} limit ${limit}`;
}

/** Everything but the texts. */
function scanned(dialect: Dialect, query: EventQuery): Fragment[] {
  const { actorText: _, ...where } = query.where;
  const conditions = conditionsOf(dialect, { ...query, where });
  return [...conditions, ...subjectCondition(query), ...behind(dialect, query)];
}

function summed(
  dialect: Dialect,
  query: Pick<EventQuery, 'tenantId' | 'where' | 'search'>,
  from: string | undefined,
  to: string | undefined,
): Fragment[] {
  const where = narrowed(query.where, from, to);
  const texts = textConditions(dialect, { ...query, where: {} });
  return [...conditionsOf(dialect, { ...query, where }), ...subjectCondition(query), ...texts];
}
