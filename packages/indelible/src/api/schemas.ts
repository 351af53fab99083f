import { OUTCOMES, SOURCES } from '../event/event.js';
import type { Schema } from './schema.js';

export const TEXT: Schema = { type: 'string' };
export const TEXT_OR_NULL: Schema = { type: ['string', 'null'] };
export const COUNT: Schema = { type: 'integer', minimum: 0 };
const COUNT_OR_NULL: Schema = { type: ['integer', 'null'] };
export const FLAG: Schema = { type: 'boolean' };
const FLAG_OR_NULL: Schema = { type: ['boolean', 'null'] };
export const TEXTS: Schema = { type: 'array', items: TEXT };
const COUNTS: Schema = { type: 'object', additionalProperties: COUNT };
const ANYTHING: Schema = {};
export const TIME: Schema = { type: 'string', format: 'date-time' };
const TIME_OR_NULL: Schema = { type: ['string', 'null'], format: 'date-time' };
const FIELDS: Schema = { type: ['object', 'null'] };

/** An object with these members and no others, all of them there unless they are named as optional. */
export function whole(properties: Readonly<Record<string, Schema>>, ...optional: string[]): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, required, additionalProperties: false };
}

export function orNull(schema: Schema): Schema {
  return { ...schema, type: ['object', 'null'] };
}

export function listOf(items: Schema): Schema {
  return { type: 'array', items };
}

export const PERSON: Readonly<Record<string, Schema>> = {
  type: { type: 'string', enum: ['user', 'service', 'system', 'anonymous'] },
  id: TEXT_OR_NULL,
  username: TEXT_OR_NULL,
  email: TEXT_OR_NULL,
  name: TEXT_OR_NULL,
  role: TEXT_OR_NULL,
};

export const EVENT: Schema = whole({
  id: { type: 'string', format: 'uuid' },
  timestamp: TIME,
  recorded_at: TIME_OR_NULL,
  occurred_at: TIME_OR_NULL,
  action: TEXT,
  outcome: { type: 'string', enum: OUTCOMES },
  source: { type: 'string', enum: SOURCES },
  actor: whole({ ...PERSON, on_behalf_of: orNull(whole(PERSON)) }),
  tenant_id: TEXT_OR_NULL,
  target: orNull(whole({ type: TEXT, id: TEXT_OR_NULL, label: TEXT_OR_NULL })),
  subject_id: TEXT_OR_NULL,
  subject_label: TEXT_OR_NULL,
  subjects: { ...TEXTS, description: 'The people an event of many is about.' },
  changes: {
    type: ['object', 'null'],
    description: 'Old and new of each field; a create has no old, a delete no new.',
    additionalProperties: {
      type: 'object',
      properties: { old: ANYTHING, new: ANYTHING },
      additionalProperties: false,
    },
  },
  changed_fields: TEXTS,
  before: FIELDS,
  after: FIELDS,
  operation: TEXT_OR_NULL,
  transaction_id: TEXT_OR_NULL,
  reason: TEXT_OR_NULL,
  ip_address: TEXT_OR_NULL,
  ip_source: TEXT_OR_NULL,
  user_agent: TEXT_OR_NULL,
  request: orNull(
    whole({
      id: TEXT_OR_NULL,
      method: TEXT_OR_NULL,
      path: TEXT_OR_NULL,
      route: TEXT_OR_NULL,
      query: ANYTHING,
      status_code: COUNT_OR_NULL,
      duration_ms: { type: ['number', 'null'] },
    }),
  ),
  session_id: TEXT_OR_NULL,
  trace_id: TEXT_OR_NULL,
  error: ANYTHING,
  metadata: FIELDS,
  count: { ...COUNT, description: 'How many acts a folded event stands for.' },
  flags: { ...TEXTS, description: 'What the recorder had to do to keep the event, such as truncated.' },
  leaf_index: COUNT_OR_NULL,
  leaf_hash: TEXT_OR_NULL,
  erased: FLAG,
  values_hidden: { ...FLAG, description: 'True when there are values that the caller is not shown.' },
});

export const PAGE: Schema = whole({
  results: listOf(EVENT),
  next: TEXT_OR_NULL,
  previous: TEXT_OR_NULL,
  count: { ...COUNT_OR_NULL, description: 'How many match; null where counting them would take too long.' },
  count_is_exact: FLAG,
});

export const STATS: Schema = whole({
  total_logs: COUNT,
  recent_logs_30_days: COUNT,
  actions_by_type: COUNTS,
  actions_by_role: COUNTS,
});

export const SUMMARY: Schema = whole({
  days: COUNT,
  total_logs: COUNT,
  actions_by_type: COUNTS,
  actions_by_role: COUNTS,
  by_model: COUNTS,
  by_actor: listOf(whole({ actor_id: TEXT, count: COUNT })),
  by_outcome: COUNTS,
  per_day: listOf(whole({ day: { type: 'string', format: 'date' }, count: COUNT })),
});

export const STATE: Schema = whole({
  model: TEXT,
  id: TEXT,
  at: TEXT,
  exists: FLAG,
  fields: FIELDS,
  is_complete: FLAG,
  last_event_id: TEXT_OR_NULL,
});

export const ME: Schema = whole({
  id: TEXT,
  name: TEXT_OR_NULL,
  username: TEXT_OR_NULL,
  email: TEXT_OR_NULL,
  role: TEXT_OR_NULL,
  tenant_id: TEXT_OR_NULL,
  may: { type: 'string', enum: ['all', 'own'] },
  calls: { ...TEXTS, description: 'The calls of this API that the caller may make.' },
  words: whole({ subject: TEXT, subjects: TEXT }),
  title: TEXT,
});

const KEYS: Schema = {
  ...listOf(whole({ name: TEXT, id: TEXT })),
  description: 'The keys that this server knows, by name and id.',
};

export const PROOF: Schema = whole({
  event_id: TEXT,
  leaf_index: COUNT,
  leaf_hash: TEXT,
  core: { ...TEXT_OR_NULL, description: 'What the leaf is the hash of, behind a byte of zero.' },
  tree_size: COUNT,
  root_hash: { ...TEXT_OR_NULL, description: 'Null when none of the keys known here signed the checkpoint.' },
  inclusion: { ...TEXTS, description: 'The hashes from the leaf up to the root, as RFC 6962 has it.' },
  checkpoint: TEXT,
  tlog_proof: { ...TEXT, description: 'The same as a C2SP tlog-proof, for a file.' },
  keys: KEYS,
});

const OF_OPERATORS = [
  'started_by',
  'verified',
  'of',
  'failure',
  'unheard_anchors',
  'counts',
  'checkpoints',
  'violation_count',
  'violations',
];

export const VERIFICATION: Schema = whole(
  {
    state: { type: 'string', enum: ['running', 'done', 'failed'] },
    started_at: TIME,
    finished_at: TIME_OR_NULL,
    is_good: FLAG_OR_NULL,
    log: TEXT_OR_NULL,
    assurance: TEXT_OR_NULL,
    started_by: TEXT,
    verified: COUNT,
    of: COUNT,
    failure: TEXT_OR_NULL,
    unheard_anchors: TEXTS,
    counts: orNull(COUNTS),
    checkpoints: COUNT_OR_NULL,
    violation_count: COUNT_OR_NULL,
    violations: { type: ['array', 'null'], items: { type: 'object' } },
  },
  ...OF_OPERATORS,
);

export const INTEGRITY: Schema = whole({
  checkpoint: orNull(whole({ tree_size: COUNT, note: TEXT, sealed_at: TIME })),
  unsealed_count: { ...COUNT_OR_NULL, description: 'Null for whoever sees one tenant only.' },
  unsealed_since: TIME_OR_NULL,
  assurance: whole({ level: TEXT, by: TEXT_OR_NULL, text: TEXT }),
  keys: KEYS,
  keys_are: TEXT,
  last_verification: orNull(VERIFICATION),
});

const ID: Schema = { type: 'string', minLength: 1, maxLength: 500 };
const POLICY_MATCH = { tenant_id: TEXT, action: ID, model: ID } as const satisfies Record<string, Schema>;
const HOLD_MATCH = { ...POLICY_MATCH, object_id: ID, actor_id: ID, subject_id: ID };

function matchOf(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', properties, additionalProperties: false };
}

export const POLICY: Schema = whole({
  id: TEXT,
  match: matchOf(POLICY_MATCH),
  days: COUNT,
  reason: TEXT_OR_NULL,
});
export const POLICIES: Schema = whole({
  results: listOf(POLICY),
  default_days: { ...COUNT, description: 'How long is kept what no policy matches.' },
  floor: whole({ with_subject: COUNT, others: COUNT }),
});

const REASON: Schema = { type: 'string', minLength: 1, maxLength: 2_000 };
const POLICY_MEMBERS = {
  match: matchOf(POLICY_MATCH),
  days: { type: 'integer', minimum: 1, maximum: 36_525 },
  reason: REASON,
} as const satisfies Record<string, Schema>;

export const NEW_POLICY: Schema = whole(POLICY_MEMBERS, 'reason');
export const CHANGED_POLICY: Schema = {
  ...whole(POLICY_MEMBERS, ...Object.keys(POLICY_MEMBERS)),
  minProperties: 1,
};

export const HOLD: Schema = whole({ id: TEXT, match: matchOf(HOLD_MATCH), reason: TEXT, placed_at: TEXT });
export const HOLDS: Schema = whole({ results: listOf(HOLD) });
export const NEW_HOLD: Schema = whole({
  match: { ...matchOf(HOLD_MATCH), minProperties: 1 },
  reason: { ...REASON, pattern: '\\S', description: 'a reason' },
});
export const RELEASE: Schema = whole({ reason: REASON }, 'reason');

export const PREVIEW: Schema = whole({
  as_of: TIME,
  cut_off: TIME_OR_NULL,
  count: COUNT,
  by_action: COUNTS,
  by_model: COUNTS,
  oldest: TIME_OR_NULL,
  newest: TIME_OR_NULL,
  kept_by_floor: COUNT,
  kept_by_holds: COUNT,
  policies: listOf(POLICY),
  holds: listOf(HOLD),
  unfinished: COUNT_OR_NULL,
});

export const PROBLEM: Schema = {
  type: 'object',
  description: 'RFC 9457. `code` is stable; `errors` names the parameters or members that are wrong.',
  properties: {
    type: TEXT,
    title: TEXT,
    status: COUNT,
    detail: TEXT,
    code: TEXT,
    errors: listOf({
      type: 'object',
      properties: { parameter: TEXT, member: TEXT, message: TEXT },
      required: ['message'],
      additionalProperties: false,
    }),
  },
  required: ['type', 'title', 'status', 'detail'],
  additionalProperties: false,
};
