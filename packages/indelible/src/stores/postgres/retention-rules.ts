import { otherHold } from '../removal-check.js';
import type { EventMatch, Hold, Policy, RetentionRules } from '../removal.js';
import type { Execute, Row } from '../sql/reader.js';
import type { Connections } from './connections.js';
import { timeText } from './rows.js';

const POLICIES = 'SELECT id, match, days, reason FROM indelible_policy ORDER BY id';
const SAVE_POLICY = `INSERT INTO indelible_policy (id, match, days, reason) VALUES ($1, $2, $3, $4)
  ON CONFLICT (id) DO UPDATE SET match = excluded.match, days = excluded.days, reason = excluded.reason`;
const REMOVE_POLICY = 'DELETE FROM indelible_policy WHERE id = $1';
const HOLDS = `SELECT id, match, reason, ${timeText('placed_at')} FROM indelible_hold ORDER BY indelible_hold.placed_at, id`;
const PLACE_HOLD = `INSERT INTO indelible_hold (id, match, reason) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`;
const IS_SAME = 'SELECT 1 FROM indelible_hold WHERE id = $1 AND match = $2 AND reason = $3';
const RELEASE_HOLD = 'DELETE FROM indelible_hold WHERE id = $1';

/** Policies and holds in a PostgreSQL database. */
export class PostgresRetentionRules implements RetentionRules {
  readonly #connections: Connections;
  readonly #writeTimeoutMs: number;
  readonly #execute: Execute;

  constructor(connections: Connections, writeTimeoutMs: number, execute: Execute) {
    this.#connections = connections;
    this.#writeTimeoutMs = writeTimeoutMs;
    this.#execute = execute;
  }

  async policies(): Promise<readonly Policy[]> {
    return (await this.#execute({ sql: POLICIES, parameters: [] })).map(policyOf);
  }

  async savePolicy({ id, match, days, reason }: Policy): Promise<void> {
    await this.#write(SAVE_POLICY, [id, textOf(match), days, reason]);
  }

  async removePolicy(id: string): Promise<void> {
    await this.#write(REMOVE_POLICY, [id]);
  }

  async holds(): Promise<readonly Hold[]> {
    return (await this.#execute({ sql: HOLDS, parameters: [] })).map(holdOf);
  }

  async placeHold({ id, match, reason }: Omit<Hold, 'placedAt'>): Promise<void> {
    const given = [id, textOf(match), reason];
    if ((await this.#write(PLACE_HOLD, given)) === 1) return;
    if ((await this.#write(IS_SAME, given)) !== 1) throw otherHold({ id });
  }

  async releaseHold(id: string): Promise<void> {
    await this.#write(RELEASE_HOLD, [id]);
  }

  /** How many rows there were. */
  #write(text: string, values: unknown[]): Promise<number | null> {
    return this.#connections.use(
      this.#writeTimeoutMs,
      async (connection) => (await connection.query(text, values)).rowCount,
    );
  }
}

/** Matches that ask for the same are the same text. */
function textOf(match: EventMatch): string {
  const members = Object.entries(match).filter(([, value]) => value !== undefined);
  return JSON.stringify(Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1))));
}

function policyOf({ id, match, days, reason }: Row): Policy {
  return {
    id: String(id),
    match: JSON.parse(String(match)) as Policy['match'],
    days: Number(days),
    reason: reason as string | null,
  };
}

function holdOf(row: Row): Hold {
  return {
    id: String(row['id']),
    match: JSON.parse(String(row['match'])) as EventMatch,
    reason: String(row['reason']),
    placedAt: String(row['placed_at']),
  };
}
