import { sql } from 'kysely';

import { endOfIds, momentOf } from '../removal-check.js';
import { type Clause, type EventMatch, KEPT_ACTIONS, type Selection } from '../removal.js';
import { and, type Dialect, type Fragment, or, type Statement } from './dialect.js';

/** Where the two databases differ in a selection. */
export interface SelectionDialect {
  readonly dialect: Dialect;
  /** A moment, in milliseconds since 1970, as `recorded_at` is compared with. */
  moment(ms: number): Fragment;
}

const COLUMNS = {
  tenantId: 'tenant_id',
  action: 'action',
  targetType: 'target_type',
  targetId: 'target_id',
  actorId: 'actor_id',
} as const;
const LISTED = sql`id in (select event_id from indelible_event_subject)`;

/** A part of the trail, by the ids of its events; null for no bound. */
export interface IdRange {
  readonly after: string | null;
  readonly upTo: string | null;
}

/**
 * The first events of a part of the trail that a selection asks for, in the order of ids, with what a preview counts
 * them by. Whether they have a leaf it does not say.
 */
export function selectionStatement(
  own: SelectionDialect,
  selection: Selection,
  { after, upTo }: IdRange,
  limit: number,
): Statement {
  const { dialect } = own;
  const conditions = [
    ...(dialect.deadline ? [dialect.deadline] : []),
    ...behind(dialect, after),
    ...(upTo === null ? [] : [sql`id <= ${dialect.id(upTo)}`]),
    ...selectionConditions(own, selection),
  ];
  return dialect.compile(
    sql`select id, action, target_type, recorded_at from indelible_event where ${and(conditions)} order by id limit ${limit}`,
  );
}

/** The last of so many events behind an id; none when there are not as many. */
export function rangeEndStatement(dialect: Dialect, after: string | null, events: number): Statement {
  return dialect.compile(
    sql`select id from indelible_event where ${and(behind(dialect, after))} order by id limit 1 offset ${events - 1}`,
  );
}

/** What every event of a selection satisfies, besides having a leaf. A single clause stands open to the planner. */
function selectionConditions(own: SelectionDialect, { clauses, holds }: Selection): Fragment[] {
  const asked = clauses.map((clause) => clauseConditions(own, clause));
  const [only] = asked;
  if (only === undefined) return [sql`1 = 0`];
  const isKept = sql`action in (${sql.join([...KEPT_ACTIONS])})`;
  return [
    ...(asked.length === 1 ? only : [latest(own, clauses), or(asked.map((one) => sql`(${and(one)})`))]),
    sql`not ${isKept}`,
    ...holds.map(unlike),
  ];
}

function behind(dialect: Dialect, after: string | null): Fragment[] {
  return after === null ? [] : [sql`id > ${dialect.id(after)}`];
}

function clauseConditions(
  own: SelectionDialect,
  { match, except, recordedBefore, hasSubject }: Clause,
): Fragment[] {
  return [
    sql`recorded_at < ${own.moment(momentOf(recordedBefore))}`,
    sql`id < ${own.dialect.id(endOfIds(recordedBefore))}`,
    ...matchConditions(match),
    ...except.map(unlike),
    ...(hasSubject === undefined ? [] : [hasSubject ? isAboutOne : sql`not ${isAboutOne}`]),
  ];
}

/** Nothing is stored later than the last cut-off: the end of what has to be read. */
function latest(own: SelectionDialect, clauses: readonly Clause[]): Fragment {
  const ends = clauses.map(({ recordedBefore }) => momentOf(recordedBefore));
  return sql`recorded_at < ${own.moment(Math.max(...ends))}`;
}

/** A row that has no such column, such as an event without an actor, is unlike whatever is named. */
function unlike(match: EventMatch): Fragment {
  return sql`(${and(matchConditions(match))}) is not true`;
}

const isAboutOne = sql`(subject_id is not null or ${LISTED})`;

function matchConditions({ subjectId, ...match }: EventMatch): Fragment[] {
  const conditions = Object.entries(match)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => sql`${sql.ref(COLUMNS[name as keyof typeof COLUMNS])} = ${value}`);
  return subjectId === undefined ? conditions : [...conditions, isAbout(subjectId, match.tenantId)];
}

/** By the event itself, or by the list of those it concerns. */
function isAbout(subjectId: string, tenantId: string | undefined): Fragment {
  const tenant = tenantId === undefined ? sql`` : sql` and tenant_id = ${tenantId}`;
  return sql`(subject_id = ${subjectId} or id in (select event_id from indelible_event_subject where subject_id = ${subjectId}${tenant}))`;
}
