import type { Failpoint } from '../failpoints.js';
import type { RemovalKind } from '../removal.js';
import type { TallyKind } from '../seal-log.js';
import { DAY_MS, LAST_QUARTER, QUARTER_MS } from '../tallies.js';
import type { Command } from './thread.js';

/** One statement of a removal, after which a failpoint is reached. */
export interface RemovalStep extends Command {
  readonly at?: Failpoint | undefined;
  /** True for the one that takes the events away. */
  readonly isCounted?: boolean | undefined;
}

/** More than these are quicker taken out of the index of texts together, in the end. */
const FEW = 100;
const IDS = 'SELECT unhex(value) FROM json_each(?)';
const ERASABLE = ['payload', 'salt', 'role', 'ip', 'actor_text', 'search_text'];

const BEGIN = `INSERT INTO indelible_removing (only, event_id, kind)
  SELECT 1, event_id, kind FROM indelible_deletion WHERE event_id = ?`;
const END = 'DELETE FROM indelible_removing';
const LATER = `INSERT INTO indelible_event_search (indelible_event_search, rank) VALUES ('secure-delete', 0)`;
const PURGE = `DELETE FROM indelible_event WHERE id IN (${IDS})`;
const PURGE_SUBJECTS = `DELETE FROM indelible_event_subject WHERE event_id IN (${IDS})
  AND NOT EXISTS (SELECT 1 FROM indelible_event WHERE id = event_id)`;
const ERASE = `UPDATE indelible_event SET ${ERASABLE.map((column) => `${column} = NULL`).join(', ')}
  WHERE id IN (${IDS}) AND coalesce(${ERASABLE.join(', ')}) IS NOT NULL`;

const OWN: readonly (readonly [TallyKind, column: string, lengthMs: number])[] = [
  ['total', `''`, QUARTER_MS],
  ['action', 'action', DAY_MS],
  ['outcome', 'outcome', DAY_MS],
  ['model', 'target_type', DAY_MS],
  ['role', 'role', DAY_MS],
  ['actor', 'actor_id', DAY_MS],
];
/** As the sealer counts them, taken from what is there; what comes to nothing is removed by the next step. */
const TALLIES: Readonly<Record<RemovalKind, string>> = {
  purge: less(OWN.map(counted)),
  // Of what is counted, only the role is erased.
  erase: less(OWN.filter(([kind]) => kind === 'role').map(counted)),
};
const NO_TALLIES = 'DELETE FROM indelible_rollup WHERE count <= 0';

/**
 * What either kind of removal does to some events. The tallies come first, since they are made from the rows; the
 * rows of subjects come after the events, since their guard lets them go with these only.
 */
export function stepsOf(event: Uint8Array, ids: readonly string[]): Record<RemovalKind, RemovalStep[]> {
  const given = JSON.stringify(ids.map((id) => id.replaceAll('-', '')));
  const begin: RemovalStep[] = [
    { sql: BEGIN, params: [event], at: 'removal.begun' },
    ...(ids.length > FEW ? [{ sql: LATER, params: [] }] : []),
  ];
  const tallies = (kind: RemovalKind): RemovalStep[] => [
    { sql: TALLIES[kind], params: [given] },
    { sql: NO_TALLIES, params: [], at: 'removal.tallies' },
  ];
  const end: RemovalStep = { sql: END, params: [], at: 'removal.events' };
  return {
    purge: [
      ...begin,
      ...tallies('purge'),
      { sql: PURGE, params: [given], isCounted: true },
      { sql: PURGE_SUBJECTS, params: [given] },
      end,
    ],
    erase: [...begin, ...tallies('erase'), { sql: ERASE, params: [given], isCounted: true }, end],
  };
}

function counted([kind, column, lengthMs]: (typeof OWN)[number]): string {
  return `SELECT '${kind}', ${column}, tenant_id, at / ${lengthMs} * ${lengthMs} FROM going
  WHERE ${column} IS NOT NULL`;
}

function less(counts: readonly string[]): string {
  return `WITH going AS MATERIALIZED (
  SELECT *, min(indelible_time_of(id), ${LAST_QUARTER}) AS at FROM indelible_event WHERE id IN (${IDS})
), counted (kind, value, tenant_id, quarter) AS (
  ${counts.join('\n  UNION ALL ')}
), less AS MATERIALIZED (
  SELECT kind, value, tenant_id, quarter, count(*) AS count FROM counted GROUP BY 1, 2, 3, 4
)
UPDATE indelible_rollup SET count = indelible_rollup.count - less.count FROM less
  WHERE indelible_rollup.tenant_id = less.tenant_id AND indelible_rollup.kind = less.kind
  AND indelible_rollup.quarter = less.quarter AND indelible_rollup.value = less.value`;
}
