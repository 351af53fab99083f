import { isActionName } from '../event/actions.js';
import { isList } from '../event/foreign.js';
import { OUTCOMES, type Outcome, type Source, SOURCES } from '../event/event.js';
import { fold } from '../event/fold.js';
import { floorId } from '../event/id.js';
import type { EventConditions, EventQuery, OrderColumn, SummaryQuery } from '../stores/query.js';
import { isCursorOf, readCursor } from './cursor.js';
import { addDays, dayBounds, startOfDay, today } from './days.js';
import {
  id,
  invalid,
  isLeftOut,
  moment,
  oneOf,
  readMembers,
  show,
  storedId,
  text,
  whole,
  zone,
} from './filter-values.js';

/** What to look for. Everything given must hold; everything left out, or an empty text, does not matter. */
export interface EventFilter {
  readonly actorId?: string | undefined;
  /** Part of the actor's username, e-mail or name. */
  readonly user?: string | undefined;
  readonly action?: string | readonly string[] | undefined;
  /** The model of the target. */
  readonly model?: string | undefined;
  readonly objectId?: string | undefined;
  readonly subjectId?: string | undefined;
  readonly role?: string | undefined;
  readonly outcome?: Outcome | undefined;
  readonly source?: Source | undefined;
  readonly ipAddress?: string | undefined;
  /** From the beginning of this day in `timeZone`, or from this instant. */
  readonly startDate?: string | Date | undefined;
  /** To the end of this day in `timeZone`, or up to this instant. */
  readonly endDate?: string | Date | undefined;
  /** The last so many days, today included. */
  readonly days?: number | undefined;
  readonly timeZone?: string | undefined;
  /** Part of a name, e-mail, model, label or path, or an id or address as a whole. */
  readonly search?: string | undefined;
  /** `-timestamp` by default; `timestamp`, `actor`, `action`, each with `-` for the reverse. */
  readonly ordering?: string | undefined;
  /** 50 by default, 500 at most. */
  readonly pageSize?: number | undefined;
  /** The `next` or `previous` of a page of the same question. */
  readonly cursor?: string | undefined;
  /** The tenant to look in: that of the context by default; `null` for all, which is for operators only. */
  readonly tenantId?: string | null | undefined;
}

const PAGE_SIZE = 50;
const LARGEST_PAGE = 500;
const MOST_ACTIONS = 100;
const MOST_DAYS = 36_600;
const DAYS_OF_A_SUMMARY = 30;
const DAY_MS = 86_400_000;

/** Words that people use for actions. */
export const ALIASES: Readonly<Record<string, string>> = {
  VIEW: 'READ',
  CREATED: 'CREATE',
  UPDATED: 'UPDATE',
  DELETED: 'DELETE',
  EXPORTED: 'EXPORT',
  LOGIN: 'LOGIN_SUCCESS',
};
const COLUMNS: readonly OrderColumn[] = ['timestamp', 'actor', 'action'];
const NAMES = [
  'actorId',
  'user',
  'action',
  'model',
  'objectId',
  'subjectId',
  'role',
  'outcome',
  'source',
  'ipAddress',
  'startDate',
  'endDate',
  'days',
  'timeZone',
  'search',
  'ordering',
  'pageSize',
  'cursor',
  'tenantId',
] as const satisfies readonly (keyof EventFilter)[];

/** A filter's members, which may be anything. */
type Given = { readonly [K in keyof EventFilter]?: unknown };

export interface FilterDefaults {
  readonly tenantId: string;
  readonly timeZone: string;
  readonly now: number;
  /** An action of the application's own means itself, and not what its name is an alias of. */
  readonly knowsAction?: ((action: string) => boolean) | undefined;
}

/**
 * The question a filter asks, or an `INVALID_FILTER` error that names what is wrong with it. What is fixed holds
 * whatever the filter says.
 */
export function parseFilter(
  filter: EventFilter,
  defaults: FilterDefaults,
  fixed: EventFilter = {},
): EventQuery {
  const given: Given = { ...readMembers(filter, NAMES), ...fixed };
  const query = questionOf(given, defaults);
  const { cursor } = given;
  if (cursor === undefined) return query;
  if (typeof cursor !== 'string')
    throw invalid('cursor', `is ${show(cursor)}`, 'give the text that a page gave');
  const begun = isCursorOf(query, cursor) ? query : begunYesterday(given, defaults, cursor);
  return { ...(begun ?? query), ...readCursor(begun ?? query, cursor) };
}

/** The tenant that a scope names, which can hold nothing else. */
export function parseScope(scope: Pick<EventFilter, 'tenantId'>, defaults: FilterDefaults): string | null {
  return tenantOf(readMembers(scope, ['tenantId']), defaults);
}

/** The days to sum up, and the question that does it. */
export function parseSummary(
  request: Pick<EventFilter, 'days' | 'timeZone' | 'tenantId'>,
  defaults: FilterDefaults,
): Omit<SummaryQuery, 'top'> & { readonly days: readonly string[] } {
  const given: Given = readMembers(request, ['days', 'timeZone', 'tenantId']);
  const timeZone = zone(given.timeZone) ?? defaults.timeZone;
  const count = whole('days', given.days, 1, MOST_DAYS) ?? DAYS_OF_A_SUMMARY;
  const last = today(defaults.now, timeZone);
  return {
    tenantId: tenantOf(given, defaults),
    where: {},
    days: Array.from({ length: count }, (_, i) => addDays(last, i + 1 - count)),
    dayBounds: dayBounds(last, count, timeZone),
  };
}

function questionOf(given: Given, defaults: FilterDefaults): EventQuery {
  return {
    tenantId: tenantOf(given, defaults),
    where: whereOf(given, defaults),
    search: searchOf(given.search),
    order: orderOf(given.ordering),
    limit: whole('pageSize', given.pageSize, 1, LARGEST_PAGE) ?? PAGE_SIZE,
  };
}

/** "The last seven days" are others after midnight; whoever is paging goes on with those of the first page. */
function begunYesterday(given: Given, defaults: FilterDefaults, cursor: string): EventQuery | undefined {
  const query = questionOf(given, { ...defaults, now: defaults.now - DAY_MS });
  return isCursorOf(query, cursor) ? query : undefined;
}

function tenantOf({ tenantId }: Given, defaults: FilterDefaults): string | null {
  return tenantId === null ? null : (id('tenantId', tenantId) ?? defaults.tenantId);
}

function whereOf(given: Given, defaults: FilterDefaults): EventConditions {
  const conditions: EventConditions = {
    ...rangeOf(given, defaults),
    actorId: id('actorId', given.actorId),
    actorText: wordsOf('user', given.user)?.text,
    actions: actionsOf(given.action, defaults),
    targetType: id('model', given.model),
    targetId: id('objectId', given.objectId),
    subjectId: id('subjectId', given.subjectId),
    role: text('role', given.role),
    outcome: oneOf('outcome', given.outcome, OUTCOMES),
    source: oneOf('source', given.source, SOURCES),
    ip: text('ipAddress', given.ipAddress),
  };
  return Object.fromEntries(Object.entries(conditions).filter(([, value]) => value !== undefined));
}

function actionsOf(given: unknown, { knowsAction }: FilterDefaults): readonly string[] | undefined {
  const listed = isList(given) ? given : [given];
  if (listed.length > MOST_ACTIONS) throw tooMany(listed.length);
  if (listed.length > 0 && listed.every(isLeftOut)) return undefined;
  const names = listed.flatMap((one) => (text('action', one) ?? '').split(','));
  const wanted = names
    .map((name) => name.trim().toUpperCase())
    .filter((name) => name !== '')
    .map((name) => (knowsAction?.(name) === true ? name : (ALIASES[name] ?? name)));
  const impossible = wanted.find((name) => !isActionName(name));
  if (impossible !== undefined)
    throw invalid(
      'action',
      `is ${show(impossible)}`,
      'give words such as UPDATE, one, a list, or with commas between',
    );
  const actions = [...new Set(wanted)].sort();
  if (actions.length === 0 || actions.length > MOST_ACTIONS) throw tooMany(actions.length);
  return actions;
}

function tooMany(count: number): Error {
  return invalid('action', `names ${count} actions`, `name 1 to ${MOST_ACTIONS}, or leave it out for all`);
}

function rangeOf(given: Given, defaults: FilterDefaults): Pick<EventConditions, 'fromId' | 'toId'> {
  const timeZone = zone(given.timeZone) ?? defaults.timeZone;
  const days = whole('days', given.days, 1, MOST_DAYS);
  const since =
    days === undefined ? undefined : startOfDay(addDays(today(defaults.now, timeZone), 1 - days), timeZone);
  const from = moment('startDate', given.startDate, timeZone) ?? since;
  const to = moment('endDate', given.endDate, timeZone, 1);
  return {
    fromId: from === undefined ? undefined : floorId(Math.max(from, since ?? from)),
    toId: to === undefined ? undefined : floorId(to),
  };
}

function searchOf(given: unknown): EventQuery['search'] {
  const words = wordsOf('search', given);
  return words && { ...words, exact: storedId(words.exact) ?? words.exact };
}

/** What somebody looks for, as it was given and folded; undefined for blanks. */
function wordsOf(name: string, given: unknown): EventQuery['search'] {
  const exact = text(name, given)?.trim();
  return exact ? { exact, text: fold(exact) } : undefined;
}

function orderOf(given: unknown): EventQuery['order'] {
  const ordering = text('ordering', given) ?? '-timestamp';
  const descending = ordering.startsWith('-');
  const column = COLUMNS.find((one) => one === (descending ? ordering.slice(1) : ordering));
  if (column === undefined)
    throw invalid('ordering', `is ${show(given)}`, `use ${COLUMNS.join(', ')}, each with - for the reverse`);
  return { column, descending };
}
