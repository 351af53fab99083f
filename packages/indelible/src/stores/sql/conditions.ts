import { sql } from 'kysely';

import { isId } from '../../event/id.js';
import type { EventConditions, EventQuery, SearchTerm, SummaryQuery } from '../query.js';
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

export type TextLookup = 'none' | 'index' | 'rows';

type Question = Pick<EventQuery, 'tenantId' | 'where' | 'search'>;

/** What every matching event must satisfy; the subject and the search have their own ways to match. */
export function conditionsOf(dialect: Dialect, query: Pick<EventQuery, 'tenantId' | 'where'>): Fragment[] {
  return [
    ...(dialect.deadline ? [dialect.deadline] : []),
    ...tenantIs(query.tenantId),
    ...equalities(query.where),
    ...ranges(dialect, query.where),
  ];
}

/**
 * A partial index serves only questions in which its own condition stands word for word: a parameter does not
 * tell the planner that it is not ''.
 */
function tenantIs(tenantId: string | null): Fragment[] {
  if (tenantId === null) return [];
  const tenant = equal('tenant_id', tenantId);
  return tenantId === '' ? [tenant] : [tenant, sql`tenant_id <> ''`];
}

function equalities(where: EventConditions): Fragment[] {
  const conditions: Fragment[] = [];
  for (const [name, column] of Object.entries(EQUAL)) {
    const value = where[name as keyof typeof EQUAL];
    if (value !== undefined) conditions.push(equal(column, value));
  }
  const isRareOutcome = where.outcome !== undefined && where.outcome !== 'success';
  return isRareOutcome ? [...conditions, sql`outcome <> 'success'`] : conditions;
}

function ranges(dialect: Dialect, { actions, fromId, toId, actorText }: EventConditions): Fragment[] {
  const conditions: Fragment[] = [];
  if (actions !== undefined) conditions.push(actionIn(actions));
  if (fromId !== undefined) conditions.push(sql`id >= ${dialect.id(fromId)}`);
  if (toId !== undefined) conditions.push(sql`id < ${dialect.id(toId)}`);
  if (actorText !== undefined) conditions.push(actorNamed(dialect, actorText));
  return conditions;
}

function actorNamed(dialect: Dialect, text: string): Fragment {
  return holds(dialect, text) ? dialect.contains('actor_text', text) : like('actor_text', text);
}

/** One action by equality, so that its index gives the order too. */
function actionIn(actions: readonly string[]): Fragment {
  const [only] = actions;
  if (only === undefined) return sql`1 = 0`;
  return actions.length === 1 ? equal('action', only) : sql`action in (${sql.join([...actions])})`;
}

/**
 * The ways an event can match. Each is answered from its own index in the page's order, which an OR in one
 * condition would prevent. An event is about a subject by itself or as one of many; a search finds its text
 * in names and labels, and ids and addresses exactly.
 */
export function alternativesOf(dialect: Dialect, query: Question): Fragment[] {
  const subjects = subjectAlternatives(query);
  const searches = query.search === undefined ? [] : searchAlternatives(dialect, query.search);
  if (subjects.length === 0 || searches.length === 0) return [...subjects, ...searches];
  return subjects.flatMap((subject) => searches.map((search) => and([subject, search])));
}

/** The subject as one condition, for rows that are read anyway. */
export function subjectCondition(query: Pick<SummaryQuery, 'tenantId' | 'where'>): Fragment[] {
  const alternatives = subjectAlternatives(query);
  return alternatives.length === 0 ? [] : [or(alternatives)];
}

/** The texts that are looked for, as conditions for rows that are read anyway. */
export function textConditions(dialect: Dialect, { where: { actorText }, search }: Question): Fragment[] {
  return [
    ...(actorText === undefined ? [] : [like('actor_text', actorText)]),
    ...(search === undefined ? [] : [searchCondition(dialect, search)]),
  ];
}

/** How a question's texts are found: `rows` when none of them is in an index, so that the rows have to be read. */
export function textLookup(dialect: Dialect, { where: { actorText }, search }: Question): TextLookup {
  const texts = [actorText, search?.text].filter((text) => text !== undefined);
  if (texts.length === 0) return 'none';
  return texts.some((text) => holds(dialect, text)) ? 'index' : 'rows';
}

function subjectAlternatives({ tenantId, where: { subjectId } }: Question): Fragment[] {
  if (subjectId === undefined) return [];
  const isAmong = and([
    equal('subject_id', subjectId),
    ...(tenantId === null ? [] : [equal('tenant_id', tenantId)]),
  ]);
  return [
    equal('subject_id', subjectId),
    sql`id in (select event_id from indelible_event_subject where ${isAmong})`,
  ];
}

function searchAlternatives(dialect: Dialect, search: SearchTerm): Fragment[] {
  if (!holds(dialect, search.text)) return [searchCondition(dialect, search)];
  return [
    dialect.contains('actor_text', search.text),
    dialect.contains('search_text', search.text),
    ...exactly(dialect, search),
  ];
}

function searchCondition(dialect: Dialect, search: SearchTerm): Fragment {
  return or([like('actor_text', search.text), like('search_text', search.text), ...exactly(dialect, search)]);
}

/** True when the text index can be asked for it. */
function holds(dialect: Dialect, text: string): boolean {
  return dialect.isIndexed?.(text) ?? [...text].length >= INDEXED_LENGTH;
}

function exactly(dialect: Dialect, { exact }: SearchTerm): Fragment[] {
  const columns = ['actor_id', 'target_id', 'subject_id', 'ip'].map((column) => equal(column, exact));
  const id = exact.toLowerCase();
  return isId(id) ? [...columns, sql`id = ${dialect.id(id)}`] : columns;
}

function equal(column: string, value: string): Fragment {
  return sql`${sql.ref(column)} = ${value}`;
}
