import { afterAll, describe, it } from 'vitest';

import { openTrail, type PostgresTrail } from '../../../test/postgres-trail.js';
import { postgresServers } from '../../../test/servers/postgres.js';
import type { RawSubject } from '../../testing/contract/contract.js';
import {
  type RawErasable,
  removalContract,
  type RemovalUnderTest,
} from '../../testing/removal/removal-contract.js';
import type { Tally } from '../seal-log.js';
import { PostgresStore } from './postgres-store.js';
import { COLUMN_LIST, COLUMNS, toRow, TYPED_COLUMN_LIST } from './rows.js';

const SEALED = ['seal', 'node', 'checkpoint', 'head'];
const TALLIES = `SELECT to_char(quarter AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS quarter, tenant_id AS "tenantId",
  kind, value, count::int FROM indelible_rollup`;
const EVENTS = `SELECT id, payload, encode(salt, 'hex') AS salt, role, ip, actor_text AS "actorText", search_text AS text
  FROM indelible_event`;
const SUBJECTS = `SELECT subject_id AS "subjectId", tenant_id AS "tenantId", event_id AS "eventId" FROM indelible_event_subject
  ORDER BY 1, 2, 3`;
/** With an xid of long ago, which only an owner of the table can say. */
const SLIP_IN = `INSERT INTO indelible_event (xid, ${COLUMN_LIST})
  SELECT '3', ${COLUMN_LIST} FROM json_to_record($1) AS entry (${TYPED_COLUMN_LIST})`;

for (const server of postgresServers()) {
  removalContract(server.name, () => open(server), { afterAll, describe, it });
}

async function open(server: { url: string }): Promise<RemovalUnderTest> {
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
    rawSealed: () => rawSealed(trail),
    rawTallies: async () => (await trail.client.query<Tally>(TALLIES)).rows,
    rawEvents: async () => (await trail.client.query<RawErasable>(EVENTS)).rows,
    rawSubjects: async () => (await trail.client.query<RawSubject>(SUBJECTS)).rows,
    slipIn: async (entry) => {
      const row = Object.fromEntries(toRow(entry).map((value, n) => [COLUMNS[n], value]));
      await trail.client.query(SLIP_IN, [row]);
    },
    remove: async () => {
      await Promise.all(stores.map((store) => store.close()));
      await trail.close();
    },
  };
}

async function rawSealed({ client }: PostgresTrail): Promise<unknown> {
  const tables = SEALED.map((name) => client.query(`SELECT * FROM indelible_${name} ORDER BY 1, 2, 3`));
  return (await Promise.all(tables)).map(({ rows }) => rows);
}
