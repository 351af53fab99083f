import { ACTIONS } from '../event/actions.js';
import { OUTCOMES, SOURCES } from '../event/event.js';
import type { EventFilter } from '../trail/filter.js';
import { invalidParameter } from './refusal.js';
import { flawOf, type Schema } from './schema.js';

/** A parameter of a query. */
export interface Parameter {
  readonly name: string;
  readonly description: string;
  readonly schema: Schema;
  /** The member of a filter that it stands for; the trail itself checks what it holds. */
  readonly filter?: keyof EventFilter;
  /** True for one that may be given several times. */
  readonly isList?: boolean;
}

/** What was given of a route's parameters, by their names. */
export type Given = ReadonlyMap<string, string | number | readonly string[]>;

const TEXT: Schema = { type: 'string', maxLength: 500 };
const DATE: Schema = {
  type: 'string',
  description: 'a day, 2026-03-14, or an instant, 2026-03-14T09:30:00Z',
};

function filter(
  member: keyof EventFilter,
  names: readonly string[],
  description: string,
  schema: Schema = TEXT,
): readonly Parameter[] {
  return names.map((name, n) => ({
    name,
    description: n === 0 ? description : `Another name for ${names[0]}.`,
    schema,
    filter: member,
    isList: member === 'action',
  }));
}

const ACTION_SCHEMA: Schema = {
  type: 'string',
  description: `${ACTIONS.slice(0, 6).join(', ')} and so on, or an action of the application's own`,
};

/** The filters of every list; the subject has a name of the application's own too. */
function filters(word: string): readonly Parameter[] {
  return [
    ...filter('actorId', ['user_id', 'actor_id'], 'The id of whoever acted.'),
    ...filter('user', ['user'], "Part of the actor's username, e-mail or name."),
    ...filter(
      'action',
      ['action'],
      'One action, several with commas between, or the parameter several times. Case does not matter; view, created, updated, deleted, exported and login are understood.',
      ACTION_SCHEMA,
    ),
    ...filter('model', ['model', 'content_type'], 'The model of the record.'),
    ...filter('objectId', ['object_id'], 'The id of the record.'),
    ...filter(
      'subjectId',
      [...new Set([`${word}_id`, 'subject_id'])],
      `The id of the ${word} an event is about.`,
    ),
    ...filter('role', ['role', 'user_role'], "The actor's role at that moment."),
    ...filter('outcome', ['outcome'], 'How it ended.', { type: 'string', enum: OUTCOMES }),
    ...filter('source', ['source'], 'What produced the event.', { type: 'string', enum: SOURCES }),
    ...filter('ipAddress', ['ip_address'], 'The address a request came from.'),
    ...filter(
      'startDate',
      ['start_date'],
      'From the beginning of this day in tz, or from this instant.',
      DATE,
    ),
    ...filter('endDate', ['end_date'], 'To the end of this day in tz, or up to this instant.', DATE),
    ...filter('days', ['days'], 'The last so many days, today included.', whole(1, 36_600)),
    ...filter(
      'search',
      ['search'],
      'Part of a name, e-mail, model, label or path, or an id or address as a whole.',
    ),
    TENANT,
    ZONE,
  ];
}

export const ZONE: Parameter = {
  name: 'tz',
  description: 'The zone whole days are counted in, such as Europe/Berlin.',
  schema: TEXT,
  filter: 'timeZone',
};
export const TENANT: Parameter = {
  name: 'tenant_id',
  description: "One tenant's events; whoever belongs to a tenant sees no others.",
  schema: TEXT,
  filter: 'tenantId',
};
const ORDERING: Parameter = {
  name: 'ordering',
  description:
    'timestamp, actor (or user_email) or action, each with - for the reverse; -timestamp by default. At most 10,000 events are ordered by anything but time.',
  schema: TEXT,
  filter: 'ordering',
};
const PAGING: readonly Parameter[] = [
  {
    name: 'page_size',
    description: 'How many a page has at most.',
    schema: whole(1, 500, 50),
    filter: 'pageSize',
  },
  {
    name: 'cursor',
    description: 'The place that next or previous names.',
    schema: { type: 'string' },
    filter: 'cursor',
  },
];
export const DAYS: Parameter = {
  name: 'days',
  description: 'The last so many days, today included.',
  schema: whole(1, 36_600, 30),
  filter: 'days',
};

const OF_TIME: readonly (keyof EventFilter)[] = ['startDate', 'endDate', 'days'];

/** What a list may be asked, but for what the route itself fixes. */
export function listParameters(word: string, ...fixed: (keyof EventFilter)[]): readonly Parameter[] {
  return [...exportParameters(word, ...fixed), ...PAGING];
}

/** The same without pages. */
export function exportParameters(word: string, ...fixed: (keyof EventFilter)[]): readonly Parameter[] {
  return [...filters(word).filter((one) => !fixed.some((name) => name === one.filter)), ORDERING];
}

/** What is counted may be narrowed as a list is, and has neither pages nor an order. */
export function filterParameters(word: string): readonly Parameter[] {
  return filters(word);
}

/** What is asked of events that are yet to come. */
export function tailParameters(word: string): readonly Parameter[] {
  return filters(word).filter(({ filter: member }) => !OF_TIME.some((name) => name === member));
}

function whole(minimum: number, maximum: number, usual?: number): Schema {
  return { type: 'integer', minimum, maximum, ...(usual !== undefined && { default: usual }) };
}

/** What a query gives of the parameters that are known; anything else is refused by its name. */
export function readParameters(query: URLSearchParams, known: readonly Parameter[]): Given {
  const given = new Map<string, string | number | readonly string[]>();
  const members = new Map<string, string>();
  for (const name of new Set(query.keys())) {
    const parameter = known.find((one) => one.name === name);
    if (parameter === undefined) throw invalidParameter(name, `is no parameter here; ${namesOf(known)}`);
    const { filter: member } = parameter;
    const twin = member && members.get(member);
    if (twin !== undefined) throw invalidParameter(name, `is given as ${twin} too; give one of the two`);
    if (member !== undefined) members.set(member, name);
    given.set(name, valueOf(parameter, query.getAll(name)));
  }
  return given;
}

function valueOf(parameter: Parameter, values: readonly string[]): string | number | readonly string[] {
  const { name, schema, isList = false } = parameter;
  if (values.includes('')) throw invalidParameter(name, 'is empty; leave it out, or give a value');
  if (isList) return values;
  const [text = '', ...others] = values;
  if (others.length > 0) throw invalidParameter(name, 'is given more than once; give it once');
  const value = schema.type === 'integer' && /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  const flaw = parameter.filter === undefined ? flawOf(value, schema) : undefined;
  if (flaw !== undefined) throw invalidParameter(name, flaw.message);
  return value;
}

function namesOf(known: readonly Parameter[]): string {
  return known.length === 0 ? 'there are none' : `use ${known.map(({ name }) => name).join(', ')}`;
}

/** The filter that the given parameters make. Whether its values can be is for the trail to say. */
export function filterOf(given: Given, known: readonly Parameter[]): EventFilter {
  const members: Partial<Record<keyof EventFilter, unknown>> = {};
  for (const [name, value] of given) {
    const member = known.find((one) => one.name === name)?.filter;
    if (member !== undefined) members[member] = meant(member, value);
  }
  return members as EventFilter;
}

function meant(member: keyof EventFilter, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (member === 'ordering') return value.replace(/^(-?)user_email$/, '$1actor');
  // A plus that was not escaped is a blank by now.
  return OF_TIME.includes(member) ? value.replace(/(T[\d:.]+) (\d\d:\d\d)$/, '$1+$2') : value;
}

/** The parameter that gave a member of a filter. */
export function parameterOf(member: string, given: Given, known: readonly Parameter[]): string | undefined {
  return known.find((one) => one.filter === member && given.has(one.name))?.name;
}
