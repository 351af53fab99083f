import { sql } from 'kysely';

import type { EventQuery, Facet, FacetQuery } from '../query.js';
import type { Facets, FacetValue } from '../store.js';
import type { Dialect, Fragment, Statement } from './dialect.js';
import type { Row } from './reader.js';
import { pageOf } from './statements.js';

const COLUMNS: Readonly<Record<Facet, string>> = {
  action: 'action',
  outcome: 'outcome',
  source: 'source',
  model: 'target_type',
  role: 'role',
  actorId: 'actor_id',
  subjectId: 'subject_id',
};
const MATCHED = 'matched';

/** The question for the matches that facets are counted among. */
export function newestOf({ tenantId, where, search, among }: FacetQuery): EventQuery {
  return { tenantId, where, search, order: { column: 'timestamp', descending: true }, limit: among };
}

/** One more than are looked at are counted, to see whether these are all. */
export function facetStatement(dialect: Dialect, query: FacetQuery, newest: EventQuery): Statement {
  const columns = sql.join(Object.values(COLUMNS).map((column) => sql.ref(column)));
  const groups = query.facets.map((facet) => groupOf(facet, query.top));
  const all = sql`select ${sql.lit(MATCHED)} as facet, '' as value, count(*) as count from matched`;
  return dialect.compile(
    sql`with matched as materialized (${pageOf(dialect, newest, columns)}) ${sql.join([all, ...groups], sql` union all `)}`,
  );
}

/** What the rows of the statement say, in the order that they are told in. */
export function facetsOf(rows: readonly Row[], { facets, among }: FacetQuery): Facets {
  const values = Object.fromEntries(facets.map((facet) => [facet, [] as FacetValue[]]));
  let matched = 0;
  for (const row of rows) {
    const [facet, count] = [String(row['facet']), Number(row['count'])];
    if (facet === MATCHED) matched = count;
    else values[facet]?.push({ value: String(row['value']), count });
  }
  for (const of of Object.values(values)) of.sort(byCount);
  return { values, among: matched, isAll: matched <= among };
}

function byCount(one: FacetValue, other: FacetValue): number {
  return other.count - one.count || (one.value < other.value ? -1 : 1);
}

function groupOf(facet: Facet, top: number): Fragment {
  const column = sql.ref(COLUMNS[facet]);
  return sql`select * from (select ${sql.lit(facet)} as facet, ${column} as value, count(*) as count
    from matched where ${column} is not null group by ${column} order by count(*) desc, ${column} limit ${top}) as ${sql.ref(`of_${facet.toLowerCase()}`)}`;
}
