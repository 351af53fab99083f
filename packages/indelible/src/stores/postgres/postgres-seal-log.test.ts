import { afterAll, describe, it } from 'vitest';

import { openTrail, type PostgresTrail } from '../../../test/postgres-trail.js';
import { postgresServers } from '../../../test/servers/postgres.js';
import { sealLogContract, type SealLogUnderTest } from '../../testing/seal-log/seal-log-contract.js';
import type { Tally } from '../seal-log.js';
import { PostgresStore } from './postgres-store.js';
import { COLUMN_LIST, toRow, TYPED_COLUMN_LIST, COLUMNS } from './rows.js';

const LOG = ['seal', 'node', 'checkpoint', 'head', 'rollup'];
const TALLIES = `SELECT to_char(quarter AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS quarter, tenant_id AS "tenantId",
  kind, value, count::int FROM indelible_rollup`;
/** With an xid of long ago, which only an owner of the table can say. */
const SLIP_IN = `INSERT INTO indelible_event (xid, ${COLUMN_LIST})
  SELECT '3', ${COLUMN_LIST} FROM json_to_record($1) AS entry (${TYPED_COLUMN_LIST})`;

for (const server of postgresServers()) {
  sealLogContract(server.name, () => open(server), { afterAll, describe, it });
}

async function open(server: { url: string }): Promise<SealLogUnderTest> {
  const trail = await openTrail(server);
  const stores: PostgresStore[] = [];
  const another = (): PostgresStore => {
    const store = new PostgresStore({ connectionString: trail.url, max: 4 });
    stores.push(store);
    return store;
  };
  return {
    store: another(),
    another: () => Promise.resolve(another()),
    rawLog: () => rawLog(trail),
    rawTallies: async () => (await trail.client.query<Tally>(TALLIES)).rows,
    slipIn: async (entry) => {
      const row = Object.fromEntries(toRow(entry).map((value, n) => [COLUMNS[n], value]));
      await trail.client.query(SLIP_IN, [row]);
    },
    takeAway: async (id) => {
      await trail.client.query('ALTER TABLE indelible_event DISABLE TRIGGER indelible_guard');
      await trail.client.query('DELETE FROM indelible_event WHERE id = $1', [id]);
      await trail.client.query('ALTER TABLE indelible_event ENABLE ALWAYS TRIGGER indelible_guard');
    },
    remove: async () => {
      await Promise.all(stores.map((store) => store.close()));
      await trail.close();
    },
  };
}

async function rawLog({ client }: PostgresTrail): Promise<unknown> {
  const tables = LOG.map((name) => client.query(`SELECT * FROM indelible_${name} ORDER BY 1, 2, 3`));
  return (await Promise.all(tables)).map(({ rows }) => rows);
}
