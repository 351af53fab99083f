import type Database from 'better-sqlite3';

import type { Entry } from '../src/event/entry.js';
import type { Tally } from '../src/stores/seal-log.js';
import { COLUMNS, toRow } from '../src/stores/sqlite/rows.js';
import { SqliteStore } from '../src/stores/sqlite/sqlite-store.js';
import type { RawErasable, RemovalUnderTest } from '../src/testing/removal/removal-contract.js';
import type { RawSubject } from '../src/testing/store-contract.js';
import { openSqliteTrail, type SqliteTrail } from './sqlite-trail.js';

const TABLES = ['seal', 'node', 'checkpoint', 'head'];
const TALLIES = `SELECT strftime('%Y-%m-%dT%H:%M:%fZ', quarter / 1000, 'unixepoch') AS quarter,
  tenant_id AS tenantId, kind, value, count FROM indelible_rollup`;
const HYPHENS = [8, 12, 16, 20];
const idText = (column: string): string =>
  `lower(${[0, ...HYPHENS].map((at, n) => `substr(hex(${column}), ${at + 1}, ${(HYPHENS[n] ?? 32) - at})`).join(" || '-' || ")})`;
const EVENTS = `SELECT ${idText('id')} AS id, payload, lower(hex(salt)) AS salt, role, ip, actor_text AS actorText,
  search_text AS text FROM indelible_event`;
const SUBJECTS = `SELECT subject_id AS subjectId, ${idText('event_id')} AS eventId FROM indelible_event_subject`;
/** Far before the first row, for a row number that AUTOINCREMENT gives is behind the last. */
const BEFORE_ALL = 'SELECT min(seq) - 10 FROM indelible_event';
const SLIPPED_IN = `INSERT INTO indelible_event (seq, ${COLUMNS.join(', ')})
  VALUES ((${BEFORE_ALL}), ${COLUMNS.map(() => '?').join(', ')})`;

/** A file whose store lets events go, and ways to its rows beside it. */
export interface SqliteRemoval extends RemovalUnderTest {
  readonly trail: SqliteTrail;
  readonly store: SqliteStore;
}

export async function openSqliteRemoval(): Promise<SqliteRemoval> {
  const trail = await openSqliteTrail();
  const stores: SqliteStore[] = [];
  const another = async (): Promise<SqliteStore> => {
    const store = new SqliteStore({ path: trail.path });
    stores.push(store);
    return store;
  };
  const { db } = trail;
  const all = (sql: string): unknown[] => db.prepare(sql).all();
  return {
    trail,
    store: await another(),
    another,
    rawSealed: async () => TABLES.map((table) => all(`SELECT * FROM indelible_${table}`)),
    rawTallies: async () => all(TALLIES) as Tally[],
    rawEvents: async () => (all(EVENTS) as RawErasable[]).map(withoutSalt),
    rawSubjects: async () => all(SUBJECTS) as RawSubject[],
    slipIn: async (entry) => slipIn(db, entry),
    remove: async () => {
      for (const store of stores) await store.close();
      await trail.close();
    },
  };
}

/** Stores an event in a place that the log has passed: only somebody who takes a guard away can. */
export function slipIn(db: Database.Database, entry: Entry): void {
  without(db, 'indelible_event_guard_place', () => {
    db.prepare(SLIPPED_IN).run(...toRow(entry).row);
  });
}

/** Does something that a guard is in the way of. */
export function without(db: Database.Database, guard: string, work: () => void): void {
  const made = String(db.prepare('SELECT sql FROM sqlite_master WHERE name = ?').pluck().get(guard));
  db.exec(`DROP TRIGGER ${guard}`);
  work();
  db.exec(made);
}

/** The digits of nothing are nothing. */
function withoutSalt(row: RawErasable): RawErasable {
  return { ...row, salt: row.salt === '' ? null : row.salt };
}
