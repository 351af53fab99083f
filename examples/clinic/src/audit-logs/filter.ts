import { AuditError, type EventFilter } from 'indelible';

import { MODELS } from '../models.js';
import { invalid, Problem } from '../problem.js';

type FilterName = keyof EventFilter;
type Query = Readonly<Record<string, unknown>>;

/** Every parameter of the list, with the filter of `audit.find` it stands for. */
const FILTERS: Readonly<Record<string, FilterName>> = {
  user_id: 'actorId',
  actor_id: 'actorId',
  user: 'user',
  action: 'action',
  model: 'model',
  content_type: 'model',
  object_id: 'objectId',
  patient_id: 'subjectId',
  subject_id: 'subjectId',
  tenant_id: 'tenantId',
  role: 'role',
  user_role: 'role',
  outcome: 'outcome',
  source: 'source',
  ip_address: 'ipAddress',
  start_date: 'startDate',
  end_date: 'endDate',
  tz: 'timeZone',
  days: 'days',
  search: 'search',
  ordering: 'ordering',
  page_size: 'pageSize',
  cursor: 'cursor',
};

/** The question that the parameters ask; what cannot be asked is named. */
export function filterOf(query: Query): EventFilter {
  const filter: Partial<Record<FilterName, unknown>> = {};
  for (const [parameter, given] of Object.entries(query)) {
    const name = Object.hasOwn(FILTERS, parameter) ? FILTERS[parameter] : undefined;
    if (name === undefined)
      throw invalid(parameter, `is not a parameter; use ${Object.keys(FILTERS).join(', ')}`);
    if (name in filter) throw invalid(parameter, 'is given by another name too');
    filter[name] = valueOf(parameter, name, given);
  }
  // Values of the wrong kind are refused by `find`, which checks every one of them.
  return filter as EventFilter;
}

function valueOf(parameter: string, name: FilterName, given: unknown): unknown {
  if (given === '') throw invalid(parameter, 'is empty; leave it out, or give a value');
  if (name === 'action') return given;
  if (typeof given !== 'string') throw invalid(parameter, 'is given more than once');
  if (name === 'days' || name === 'pageSize') return /^\d+$/.test(given) ? Number(given) : given;
  if (name === 'ordering') return given.replace(/^(-?)user_email$/, '$1actor');
  if (name === 'model' && !(MODELS as readonly string[]).includes(given))
    throw invalid(parameter, `is none of ${MODELS.join(', ')}`);
  return given;
}

const REFUSED = new Set(['INVALID_FILTER', 'INVALID_CURSOR', 'ORDERING_TOO_BROAD']);

/** What `find` refused, told in the words of the request; anything else is not the caller's fault. */
export function refusalOf(error: unknown, query: Query): unknown {
  if (!(error instanceof AuditError)) return error;
  if (error.code === 'QUERY_TIMEOUT') return new Problem(503, error.message);
  if (!REFUSED.has(error.code)) return error;
  const parameter = parameterOf(error, query);
  const detail = error.message.replace(/^The filter \w+/, parameter);
  return new Problem(400, detail, [{ field: parameter, message: detail }]);
}

function parameterOf(error: AuditError, query: Query): string {
  if (error.code === 'INVALID_CURSOR') return 'cursor';
  if (error.code === 'ORDERING_TOO_BROAD') return 'ordering';
  const name = /^The filter (\w+)/.exec(error.message)?.[1];
  return Object.keys(query).find((parameter) => FILTERS[parameter] === name) ?? 'query';
}
