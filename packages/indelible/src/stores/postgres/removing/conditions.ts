import { sql } from 'kysely';

import { endOfIds, momentOf } from '../../removal-check.js';
import { type Clause, type EventMatch, KEPT_ACTIONS, type Selection } from '../../removal.js';
import { and, type Fragment, or } from '../../sql/dialect.js';

const COLUMNS = {
  tenantId: 'tenant_id',
  action: 'action',
  targetType: 'target_type',
  targetId: 'target_id',
  actorId: 'actor_id',
} as const;

/** By the index on the event's id: the list of all people is too long to be held. */
const isAboutSomeone = sql`(subject_id is not null
  or exists (select from indelible_event_subject as listed where listed.event_id = indelible_event.id))`;

/** What every event of a selection satisfies, besides having a leaf. A single clause stands open to the planner. */
export function conditionsOf({ clauses, holds }: Selection): Fragment[] {
  const asked = clauses.map(clauseConditions);
  const [only] = asked;
  if (only === undefined) return [sql`1 = 0`];
  return [
    ...(asked.length === 1 ? only : [storedBefore(latest(clauses)), or(asked.map((one) => and(one)))]),
    sql`action not in (${sql.join([...KEPT_ACTIONS])})`,
    ...holds.map(unlike),
  ];
}

/** Nothing of a selection was stored at this moment or later, in milliseconds since 1970. */
export function latest(clauses: readonly Clause[]): number {
  return Math.max(0, ...clauses.map(({ recordedBefore }) => momentOf(recordedBefore)));
}

export function storedBefore(ms: number): Fragment {
  return sql`recorded_at < to_timestamp(${Math.max(ms, 0)}::float8 / 1000)`;
}

function clauseConditions({ match, except, recordedBefore, hasSubject }: Clause): Fragment[] {
  return [
    storedBefore(momentOf(recordedBefore)),
    sql`id < ${endOfIds(recordedBefore)}::uuid`,
    ...matchConditions(match),
    ...except.map(unlike),
    ...(hasSubject === undefined ? [] : [hasSubject ? isAboutSomeone : sql`not ${isAboutSomeone}`]),
  ];
}

/** A row that has no such column, such as an event without an actor, is unlike whatever is named. */
function unlike(match: EventMatch): Fragment {
  return sql`(${and(matchConditions(match))}) is not true`;
}

function matchConditions({ subjectId, ...match }: EventMatch): Fragment[] {
  const conditions = Object.entries(match)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => sql`${sql.ref(COLUMNS[name as keyof typeof COLUMNS])} = ${value}`);
  return subjectId === undefined ? conditions : [...conditions, isAbout(subjectId, match.tenantId)];
}

/** By the event itself, or by the list of those it concerns: as an array, for which there is an index, too. */
function isAbout(subjectId: string, tenantId: string | undefined): Fragment {
  const tenant = tenantId === undefined ? sql`` : sql` and tenant_id = ${tenantId}`;
  return sql`(subject_id = ${subjectId} or id = any(array(
    select event_id from indelible_event_subject where subject_id = ${subjectId}${tenant})))`;
}
