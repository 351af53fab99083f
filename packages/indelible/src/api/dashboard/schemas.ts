import { SEVERITIES } from '../../detectors/detector.js';
import type { Schema } from '../schema.js';
import { COUNT, FLAG, listOf, orNull, PERSON, TEXT, TEXT_OR_NULL, TEXTS, TIME, whole } from '../schemas.js';

export const FACETS: Schema = whole({
  among: { ...COUNT, description: 'How many of the newest events that match were counted.' },
  is_exact: { ...FLAG, description: 'True when these were all that match.' },
  facets: {
    type: 'object',
    additionalProperties: listOf(whole({ value: TEXT, count: COUNT })),
  },
});

export const HISTOGRAM: Schema = whole({
  interval: TEXT,
  buckets: listOf(whole({ start: TIME, count: COUNT })),
});

const FINDING: Schema = whole({
  id: TEXT,
  type: TEXT,
  severity: { type: 'string', enum: SEVERITIES },
  description: TEXT,
  count: COUNT,
  events: { ...TEXTS, description: 'The ids of its events, 500 at most.' },
  first: TIME,
  last: TIME,
  actor_id: TEXT_OR_NULL,
  ip_address: TEXT_OR_NULL,
  tenant_id: TEXT_OR_NULL,
  is_complete: { ...FLAG, description: 'False when there were more events than were looked at.' },
  acknowledgement: orNull(whole({ by: whole(PERSON), at: TIME, note: TEXT_OR_NULL })),
});
export const FINDINGS: Schema = whole({ results: listOf(FINDING) });
export const ONE_FINDING: Schema = FINDING;
export const NOTE: Schema = whole({
  note: { type: 'string', minLength: 1, maxLength: 2_000, pattern: '\\S', description: 'a note' },
});

export const STATISTICS: Schema = whole({
  total_logs: COUNT,
  logs_today: { ...COUNT, description: 'Since midnight in tz.' },
  logs_this_week: { ...COUNT, description: 'In the last 7 days, today included.' },
  logs_this_month: { ...COUNT, description: 'In the last 30 days, today included.' },
  by_action_type: listOf(whole({ action: TEXT, count: COUNT, percent: { type: 'number' } })),
  failed_logins_week: COUNT,
  top_users: listOf(whole({ actor: whole(PERSON), count: COUNT })),
  top_patients: listOf(whole({ subject_id: TEXT, label: TEXT_OR_NULL, count: COUNT })),
  top_patients_is_exact: FLAG,
  suspicious_activity: listOf(FINDING),
  as_of: { ...TIME, description: 'When this was counted: it is counted anew after half a minute.' },
});
