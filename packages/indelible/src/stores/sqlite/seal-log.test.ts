import type Database from 'better-sqlite3';
import { afterAll, describe, it } from 'vitest';

import { openSqliteTrail } from '../../../test/sqlite-trail.js';
import type { Entry } from '../../event/entry.js';
import { sealLogContract, type SealLogUnderTest } from '../../testing/seal-log/seal-log-contract.js';
import type { Tally } from '../seal-log.js';
import { COLUMNS, toRow } from './rows.js';
import { SqliteStore } from './sqlite-store.js';

const TABLES = ['seal', 'node', 'checkpoint', 'head', 'rollup'];
const TALLIES = `SELECT strftime('%Y-%m-%dT%H:%M:%fZ', quarter / 1000, 'unixepoch') AS quarter,
  tenant_id AS tenantId, kind, value, count FROM indelible_rollup`;
/** Far before the first row, for a row number that AUTOINCREMENT gives is behind the last. */
const BEFORE_ALL = 'SELECT min(seq) - 10 FROM indelible_event';

async function open(): Promise<SealLogUnderTest> {
  const trail = await openSqliteTrail();
  const stores: SqliteStore[] = [];
  const another = async (): Promise<SqliteStore> => {
    const store = new SqliteStore({ path: trail.path });
    stores.push(store);
    return store;
  };
  const { db } = trail;
  return {
    store: await another(),
    another,
    rawLog: async () => TABLES.map((table) => db.prepare(`SELECT * FROM indelible_${table}`).all()),
    rawTallies: async () => db.prepare(TALLIES).all() as Tally[],
    slipIn: async (entry) => slipIn(db, entry),
    takeAway: async (id) => takeAway(db, id),
    remove: async () => {
      for (const store of stores) await store.close();
      await trail.close();
    },
  };
}

/** No guard is in the way of a row whose number nobody has. */
function slipIn(db: Database.Database, entry: Entry): void {
  const marks = COLUMNS.map(() => '?').join(', ');
  db.prepare(
    `INSERT INTO indelible_event (seq, ${COLUMNS.join(', ')}) VALUES ((${BEFORE_ALL}), ${marks})`,
  ).run(...toRow(entry).row);
}

function takeAway(db: Database.Database, id: string): void {
  const guard = db
    .prepare("SELECT sql FROM sqlite_master WHERE name = 'indelible_event_guard_delete'")
    .pluck();
  const sql = String(guard.get());
  db.exec('DROP TRIGGER indelible_event_guard_delete');
  db.prepare('DELETE FROM indelible_event WHERE id = unhex(?)').run(id.replaceAll('-', ''));
  db.exec(sql);
}

sealLogContract('SQLite', open, { afterAll, describe, it });
