import { otherHold } from '../removal-check.js';
import type { EventMatch, Hold, Policy, RetentionRules } from '../removal.js';
import type { Row } from '../sql/reader.js';
import type { SqliteFile } from './sqlite-file.js';

/** The members of a match, each with its column. */
const COLUMNS = {
  tenantId: 'tenant_id',
  action: 'action',
  targetType: 'target_type',
  targetId: 'target_id',
  actorId: 'actor_id',
  subjectId: 'subject_id',
} as const;
const OF_POLICY = ['tenantId', 'action', 'targetType'] as const;
const OF_HOLD = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];

const POLICY_COLUMNS = 'id, tenant_id, action, target_type, days, reason';
const POLICIES = `SELECT ${POLICY_COLUMNS} FROM indelible_policy ORDER BY id`;
const SAVE = `INSERT INTO indelible_policy (${POLICY_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
  SET tenant_id = excluded.tenant_id, action = excluded.action, target_type = excluded.target_type,
    days = excluded.days, reason = excluded.reason`;
const REMOVE = 'DELETE FROM indelible_policy WHERE id = ?';

const HOLD_COLUMNS = 'id, tenant_id, action, target_type, target_id, actor_id, subject_id, reason';
const HOLDS = `SELECT ${HOLD_COLUMNS}, placed_at FROM indelible_hold ORDER BY placed_at, id`;
const HOLD = `SELECT ${HOLD_COLUMNS}, placed_at FROM indelible_hold WHERE id = ?`;
const PLACE = `INSERT INTO indelible_hold (${HOLD_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`;
const RELEASE = 'DELETE FROM indelible_hold WHERE id = ?';

/** Policies and holds of a trail in a SQLite file. */
export class SqliteRules implements RetentionRules {
  readonly #file: SqliteFile;

  constructor(file: SqliteFile) {
    this.#file = file;
  }

  async policies(): Promise<readonly Policy[]> {
    return (await this.#file.execute({ sql: POLICIES, parameters: [] })).map(policyOf);
  }

  async savePolicy({ id, match, days, reason }: Policy): Promise<void> {
    await this.#change(SAVE, [id, ...valuesOf(match, OF_POLICY), BigInt(days), reason]);
  }

  async removePolicy(id: string): Promise<void> {
    await this.#change(REMOVE, [id]);
  }

  async holds(): Promise<readonly Hold[]> {
    return (await this.#file.execute({ sql: HOLDS, parameters: [] })).map(holdOf);
  }

  async placeHold({ id, match, reason }: Omit<Hold, 'placedAt'>): Promise<void> {
    const values = valuesOf(match, OF_HOLD);
    const [row] = await this.#change(PLACE, [id, ...values, reason], { sql: HOLD, params: [id] });
    const isThis = OF_HOLD.every((name, n) => row?.[COLUMNS[name]] === values[n]);
    if (!isThis || row?.['reason'] !== reason) throw otherHold({ id });
  }

  async releaseHold(id: string): Promise<void> {
    await this.#change(RELEASE, [id]);
  }

  #change(
    sql: string,
    params: readonly unknown[],
    answer = { sql: 'SELECT 1', params: [] as unknown[] },
  ): Promise<readonly Row[]> {
    return this.#file.change({ sql, params }, answer);
  }
}

function valuesOf(match: EventMatch, names: readonly (keyof EventMatch)[]): (string | null)[] {
  return names.map((name) => match[name] ?? null);
}

function matchOf(row: Row, names: readonly (keyof EventMatch)[]): EventMatch {
  const members = names.map((name) => [name, row[COLUMNS[name]]] as const);
  return Object.fromEntries(members.filter(([, value]) => value !== null));
}

function policyOf(row: Row): Policy {
  return {
    id: String(row['id']),
    match: matchOf(row, OF_POLICY),
    days: Number(row['days']),
    reason: row['reason'] as string | null,
  };
}

function holdOf(row: Row): Hold {
  return {
    id: String(row['id']),
    match: matchOf(row, OF_HOLD),
    reason: String(row['reason']),
    placedAt: new Date(Number(row['placed_at'])).toISOString(),
  };
}
