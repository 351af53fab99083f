import type Database from 'better-sqlite3';
import { afterAll, describe, it } from 'vitest';

import { slipIn, without } from '../../../test/sqlite-removal.js';
import { openSqliteTrail } from '../../../test/sqlite-trail.js';
import { sealLogContract, type SealLogUnderTest } from '../../testing/seal-log/seal-log-contract.js';
import type { Tally } from '../seal-log.js';
import { SqliteStore } from './sqlite-store.js';

const TABLES = ['seal', 'node', 'checkpoint', 'head', 'rollup'];
const TALLIES = `SELECT strftime('%Y-%m-%dT%H:%M:%fZ', quarter / 1000, 'unixepoch') AS quarter,
  tenant_id AS tenantId, kind, value, count FROM indelible_rollup`;

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

function takeAway(db: Database.Database, id: string): void {
  without(db, 'indelible_event_guard_delete', () => {
    without(db, 'indelible_event_purged', () => {
      db.prepare('DELETE FROM indelible_event WHERE id = unhex(?)').run(id.replaceAll('-', ''));
    });
  });
}

sealLogContract('SQLite', open, { afterAll, describe, it });
