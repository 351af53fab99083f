import { sql } from 'kysely';

import type { EventConditions, EventQuery, SearchTerm } from '../query.js';
import { and, type Dialect, type Fragment, like, or } from './dialect.js';

/** The trigram indexes of both databases need three characters to go by. */
const INDEXED_LENGTH = 3;

const EQUAL = {
  actorId: 'actor_id',
  targetType: 'target_type',
  targetId: 'target_id',
  role: 'role',
  outcome: 'outcome',
  source: 'source',
  ip: 'ip',
} as const;

/** What every matching event must satisfy; the subject and the search have their own ways to match. */
export function conditionsOf(dialect: Dialect, query: Pick<EventQuery, 'tenantId' | 'where'>): Fragment[] {
  const { where, tenantId } = query;
  const conditions = dialect.deadline ? [dialect.deadline] : [];
  if (tenantId !== null) conditions.push(equal('tenant_id', tenantId));
  for (const [name, column] of Object.entries(EQUAL)) {
    const value = where[name as keyof typeof EQUAL];
    if (value !== undefined) conditions.push(equal(column, value));
  }
  return [...conditions, ...rangeOf(dialect, where)];
}

function rangeOf(dialect: Dialect, { actions, fromId, toId, actorText }: EventConditions): Fragment[] {
  const conditions: Fragment[] = [];
  if (actions !== undefined) conditions.push(actionIn(actions));
  if (fromId !== undefined) conditions.push(sql`id >= ${dialect.id(fromId)}`);
  if (toId !== undefined) conditions.push(sql`id < ${dialect.id(toId)}`);
  if (actorText !== undefined) conditions.push(dialect.contains('actor_text', actorText));
  return conditions;
}

/** One action by equality, so that its index gives the order too. */
function actionIn(actions: readonly string[]): Fragment {
  const [only] = actions;
  return actions.length === 1 && only !== undefined
    ? equal('action', only)
    : sql`action in (${sql.join([...actions])})`;
}

/**
 * The ways an event can match. Each is answered from its own index in the page's order, which an OR in one
 * condition would prevent. An event is about a subject by itself or as one of many; a search finds its text
 * in names and labels, and ids and addresses exactly.
 */
export function alternativesOf(
  dialect: Dialect,
  query: Pick<EventQuery, 'tenantId' | 'where' | 'search'>,
): Fragment[] {
  const subjects = subjectAlternatives(query);
  const searches = query.search === undefined ? [] : searchAlternatives(dialect, query.search);
  if (subjects.length === 0 || searches.length === 0) return [...subjects, ...searches];
  return subjects.flatMap((subject) => searches.map((search) => and([subject, search])));
}

function subjectAlternatives({
  tenantId,
  where: { subjectId },
}: Pick<EventQuery, 'tenantId' | 'where'>): Fragment[] {
  if (subjectId === undefined) return [];
  const tenant = tenantId === null ? sql`1 = 1` : equal('tenant_id', tenantId);
  const shared = sql`select event_id from indelible_event_subject where ${equal('subject_id', subjectId)} and ${tenant}`;
  return [equal('subject_id', subjectId), sql`id in (${shared})`];
}

/** The subject as one condition, for rows that are read anyway. */
export function subjectCondition(query: Pick<EventQuery, 'tenantId' | 'where'>): Fragment[] {
  const alternatives = subjectAlternatives(query);
  return alternatives.length === 0 ? [] : [or(alternatives)];
}

function searchAlternatives(dialect: Dialect, search: SearchTerm): Fragment[] {
  return [
    dialect.contains('actor_text', search.text),
    dialect.contains('search_text', search.text),
    ...exactly(search),
  ];
}

/** The search as one condition, for rows that are read anyway. */
export function searchCondition(search: SearchTerm): Fragment {
  return or([like('actor_text', search.text), like('search_text', search.text), ...exactly(search)]);
}

function exactly(search: SearchTerm): Fragment[] {
  return ['actor_id', 'target_id', 'subject_id', 'ip'].map((column) => equal(column, search.exact));
}

/** True when no index can answer the search, so that rows have to be read for it. */
export function isUnindexed(search: SearchTerm): boolean {
  return [...search.text].length < INDEXED_LENGTH;
}

function equal(column: string, value: string): Fragment {
  return sql`${sql.ref(column)} = ${value}`;
}
