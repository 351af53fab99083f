import { sql } from 'kysely';

import { floorId } from '../../event/id.js';
import type { SummaryQuery } from '../query.js';
import { conditionsOf } from './conditions.js';
import { and, type Dialect, type Fragment, type Statement } from './dialect.js';
import type { Range, Span } from './summary-span.js';

/** The columns of events that are counted by the days of UTC. */
const KINDS = {
  action: 'action',
  outcome: 'outcome',
  model: 'target_type',
  role: 'role',
  actor: 'actor_id',
} as const;

/** What a selection of events without a leaf must have. */
export const COUNTED_COLUMNS: Fragment = sql`id, tenant_id, action, outcome, target_type, role, actor_id`;

/** Every tenant that has been counted, found one by one in the index, however many rows each of them has. */
const TENANTS = sql`tenant (id) as (select min(tenant_id) from indelible_rollup
  union all select (select min(tenant_id) from indelible_rollup where tenant_id > tenant.id)
    from tenant where id is not null)`;

export interface SummaryParts {
  readonly query: SummaryQuery;
  readonly span: Span;
  /** A selection of the events without a leaf. */
  readonly unsealed: Fragment;
  /** Values of each kind; of actors there are `query.top`. */
  readonly most: number;
}

/**
 * A summary from the tallies and from what is not in them yet. It is one statement, for it has to see one state of the
 * trail: what is sealed between two of them would be counted twice. Its rows are of the kinds of tallies, each in the
 * order of `place`; of the kind `day`; of the kind `event`, one for each event without a leaf that is asked for; and
 * one of the kind `unsealed`, with the number of those selected.
 */
export function summaryStatement(dialect: Dialect, parts: SummaryParts): Statement {
  const { query, span, unsealed, most } = parts;
  const counted = sql.join(
    [...sealed(dialect, parts), ...Object.entries(KINDS).map(grouped)],
    sql` union all `,
  );
  return dialect.compile(sql`with recursive ${TENANTS},
    unsealed as (${unsealed}),
    fresh as (select * from unsealed where ${inRange(dialect, query, span.ids)}),
    live as materialized (${live(dialect, parts)}),
    counted as (${counted}),
    summed as (select kind, value, sum(count) as count from counted where value is not null group by kind, value),
    ranked as (select kind, value, count, row_number() over (partition by kind order by count desc, value) as place
      from summed where count > 0)
    select 'event' as kind, '' as value, 1 as count, 0 as place, id from fresh
    union all select 'unsealed', '', count(*), 0, null from unsealed
    union all ${days(dialect, parts)}
    union all select kind, value, count, place, null from ranked
      where place <= case when kind = 'actor' then ${sql.lit(query.top)} else ${sql.lit(most)} end`);
}

function sealed(dialect: Dialect, { query, span }: SummaryParts): Fragment[] {
  const [from, to] = span.daysOfUtc.map((ms) => dialect.tallies.quarter(ms)) as [Fragment, Fragment];
  return Object.keys(KINDS).map(
    (kind) =>
      sql`select kind, value, sum(count) as count ${tallied(dialect, query, kind, [from, to])} group by kind, value`,
  );
}

/** The events that no day of UTC counts: those without a leaf, and all before and behind the whole days. */
function live(dialect: Dialect, { query, span: { daysOfUtc, edges } }: SummaryParts): Fragment {
  const [from, to] = daysOfUtc.map((ms) => dialect.id(floorId(ms))) as [Fragment, Fragment];
  const columns = sql.join(Object.values(KINDS).map((column) => sql.ref(column)));
  return sql.join(
    [
      sql`select ${columns} from fresh where id >= ${from} and id < ${to}`,
      ...edges.map(
        (edge) => sql`select ${columns} from indelible_event where ${inRange(dialect, query, edge)}`,
      ),
    ],
    sql` union all `,
  );
}

/** The days one by one: so many ranges of the index. */
function days(dialect: Dialect, { query, span }: SummaryParts): Fragment {
  const total = tallied(dialect, query, 'total', [sql`day.from_quarter`, sql`day.to_quarter`]);
  return sql`select 'day', '', coalesce((select sum(count) ${total}), 0), n, null from ${dialect.tallies.days(span.days)}`;
}

function tallied(
  { deadline, tallies }: Dialect,
  { tenantId }: SummaryQuery,
  kind: string,
  [from, to]: Range<Fragment>,
): Fragment {
  const isOfTenant =
    tenantId === null
      ? tallies.isAmong('tenant_id', sql`select id from tenant`)
      : sql`tenant_id = ${tenantId}`;
  const conditions = [isOfTenant, sql`kind = ${sql.lit(kind)}`, sql`quarter >= ${from} and quarter < ${to}`];
  return sql`from indelible_rollup where ${and(deadline ? [...conditions, deadline] : conditions)}`;
}

function grouped([kind, column]: [string, string]): Fragment {
  return sql`select ${sql.lit(kind)} as kind, ${sql.ref(column)} as value, count(*) as count from live group by ${sql.ref(column)}`;
}

function inRange(dialect: Dialect, { tenantId }: SummaryQuery, [fromId, toId]: Range<string>): Fragment {
  return and(conditionsOf(dialect, { tenantId, where: { fromId, toId } }));
}
