import { isActionName } from '../event/actions.js';
import { AuditError } from '../event/errors.js';
import { OUTCOMES, type Outcome, type Source, SOURCES } from '../event/event.js';
import { fold } from '../event/fold.js';
import { floorId } from '../event/id.js';
import type { EventConditions, EventQuery, OrderColumn } from '../stores/query.js';
import { readCursor } from './cursor.js';
import { addDays, isDate, startOfDay, today } from './days.js';

/** What to look for. Everything given must hold; everything left out does not matter. */
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
const LONGEST_TEXT = 500;
const MOST_ACTIONS = 100;
const MOST_DAYS = 36_600;

const ALIASES: Readonly<Record<string, string>> = {
  VIEW: 'READ',
  CREATED: 'CREATE',
  UPDATED: 'UPDATE',
  DELETED: 'DELETE',
  EXPORTED: 'EXPORT',
  LOGIN: 'LOGIN_SUCCESS',
};
const TEXTS = {
  actorId: 'actorId',
  model: 'targetType',
  objectId: 'targetId',
  subjectId: 'subjectId',
  role: 'role',
  ipAddress: 'ip',
} as const;
const NAMES = new Set([
  ...Object.keys(TEXTS),
  'user',
  'action',
  'outcome',
  'source',
  'startDate',
  'endDate',
  'days',
  'timeZone',
  'search',
  'ordering',
  'pageSize',
  'cursor',
  'tenantId',
]);
const COLUMNS: readonly OrderColumn[] = ['timestamp', 'actor', 'action'];

export interface FilterDefaults {
  readonly tenantId: string;
  readonly timeZone: string;
  readonly now: number;
}

/** The question a filter asks, or an `INVALID_FILTER` error that names what is wrong with it. */
export function parseFilter(filter: EventFilter, defaults: FilterDefaults): EventQuery {
  const unknown = Object.keys(filter).find((name) => !NAMES.has(name));
  if (unknown !== undefined) throw invalid(unknown, 'is not a filter', `use ${[...NAMES].join(', ')}`);
  const query: EventQuery = {
    tenantId: filter.tenantId === null ? null : (text('tenantId', filter.tenantId) ?? defaults.tenantId),
    where: whereOf(filter, defaults),
    search: searchOf(filter.search),
    order: orderOf(filter.ordering),
    limit: whole('pageSize', filter.pageSize, 1, LARGEST_PAGE) ?? PAGE_SIZE,
  };
  const cursor = filter.cursor;
  if (cursor === undefined) return query;
  if (typeof cursor !== 'string') throw invalid('cursor', `is ${typeof cursor}`, 'give the text a page gave');
  return { ...query, ...readCursor(query, cursor) };
}

function whereOf(filter: EventFilter, defaults: FilterDefaults): EventConditions {
  const where: Record<string, unknown> = { ...rangeOf(filter, defaults) };
  for (const [name, column] of Object.entries(TEXTS))
    where[column] = text(name, filter[name as keyof typeof TEXTS]);
  const user = text('user', filter.user);
  where['actorText'] = user === undefined ? undefined : fold(user);
  where['actions'] = actionsOf(filter.action);
  where['outcome'] = oneOf('outcome', filter.outcome, OUTCOMES);
  where['source'] = oneOf('source', filter.source, SOURCES);
  return Object.fromEntries(Object.entries(where).filter(([, value]) => value !== undefined));
}

function actionsOf(given: EventFilter['action']): string[] | undefined {
  if (given === undefined) return undefined;
  const listed = (Array.isArray(given) ? given : [given]) as readonly unknown[];
  const names = listed
    .flatMap((one) => (text('action', one) ?? '').split(','))
    .map((name) => name.trim().toUpperCase());
  const wanted = [...new Set(names.filter((name) => name !== '').map((name) => ALIASES[name] ?? name))];
  const impossible = wanted.find((name) => !isActionName(name));
  if (impossible !== undefined)
    throw invalid('action', `is ${show(impossible)}`, 'give upper-case words such as UPDATE');
  if (wanted.length === 0 || wanted.length > MOST_ACTIONS)
    throw invalid('action', `names ${wanted.length} actions`, `name 1 to ${MOST_ACTIONS}`);
  return wanted.sort();
}

function rangeOf(filter: EventFilter, defaults: FilterDefaults): Pick<EventConditions, 'fromId' | 'toId'> {
  const timeZone = zone(filter.timeZone) ?? defaults.timeZone;
  const days = whole('days', filter.days, 1, MOST_DAYS);
  const since =
    days === undefined ? undefined : startOfDay(addDays(today(defaults.now, timeZone), 1 - days), timeZone);
  const from = moment('startDate', filter.startDate, timeZone, 0) ?? since;
  const to = moment('endDate', filter.endDate, timeZone, 1);
  return {
    fromId: from === undefined ? undefined : floorId(Math.max(from, since ?? from)),
    toId: to === undefined ? undefined : floorId(to),
  };
}

/** The first millisecond of a day, moved on by whole days; an instant stands for itself. */
function moment(name: string, given: unknown, timeZone: string, days: 0 | 1): number | undefined {
  if (given === undefined) return undefined;
  if (typeof given === 'string' && isDate(given)) return startOfDay(addDays(given, days), timeZone);
  const isInstant =
    given instanceof Date ||
    (typeof given === 'string' && /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/.test(given));
  const ms = isInstant ? new Date(given).getTime() : Number.NaN;
  if (Number.isNaN(ms))
    throw invalid(
      name,
      `is ${show(given)}`,
      'give a date such as 2026-03-14, or an instant such as 2026-03-14T09:30:00Z',
    );
  return ms;
}

function searchOf(given: unknown): EventQuery['search'] {
  const exact = text('search', given)?.trim();
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

function text(name: string, given: unknown): string | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== 'string') throw invalid(name, `is ${show(given)}`, 'give a text');
  if (given.length > LONGEST_TEXT)
    throw invalid(name, `has ${given.length} characters`, `give at most ${LONGEST_TEXT}`);
  // PostgreSQL can hold neither in a text, so no event can match.
  if (/\0|\p{Surrogate}/u.test(given)) throw invalid(name, 'holds a NUL or half a character', 'leave it out');
  return given === '' ? undefined : given;
}

function whole(name: string, given: unknown, least: number, most: number): number | undefined {
  if (given === undefined) return undefined;
  if (typeof given === 'number' && Number.isInteger(given) && given >= least && given <= most) return given;
  throw invalid(name, `is ${show(given)}`, `give a whole number from ${least} to ${most}`);
}

function oneOf<T extends string>(name: string, given: unknown, allowed: readonly T[]): T | undefined {
  if (given === undefined) return undefined;
  const found = allowed.find((value) => value === given);
  if (found === undefined) throw invalid(name, `is ${show(given)}`, `use ${allowed.join(', ')}`);
  return found;
}

function zone(given: unknown): string | undefined {
  const timeZone = text('timeZone', given);
  if (timeZone === undefined) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
  } catch (cause) {
    throw new AuditError(
      'INVALID_FILTER',
      `The filter timeZone is ${show(given)}, which is no time zone; give a name such as Europe/Berlin.`,
      cause,
    );
  }
}

function show(given: unknown): string {
  return typeof given === 'string'
    ? JSON.stringify(given.slice(0, 60))
    : typeof given === 'number'
      ? String(given)
      : typeof given;
}

function invalid(name: string, found: string, remedy: string): AuditError {
  return new AuditError('INVALID_FILTER', `The filter ${name.slice(0, 60)} ${found}; ${remedy}.`);
}
