import { afterAll, describe, it } from 'vitest';

import { openTrail } from '../../../test/postgres-trail.js';
import { postgresServers } from '../../../test/servers/postgres.js';
import {
  type RawEvent,
  type RawSubject,
  storeContract,
  type StoreUnderTest,
} from '../../testing/store-contract.js';

const EVENTS = `SELECT id::text, action, payload, encode(payload_digest, 'hex') AS "payloadDigest", encode(salt, 'hex') AS salt
  FROM indelible_event WHERE tenant_id = $1`;
const SUBJECTS = `SELECT subject_id AS "subjectId", event_id::text AS "eventId" FROM indelible_event_subject WHERE tenant_id = $1`;

for (const server of postgresServers()) {
  storeContract(server.name, () => open(server), { afterAll, describe, it });
}

async function open(server: { url: string }): Promise<StoreUnderTest> {
  const trail = await openTrail(server);
  return {
    store: trail.store,
    rawEvents: async (tenantId) => (await trail.client.query<RawEvent>(EVENTS, [tenantId])).rows,
    rawSubjects: async (tenantId) => (await trail.client.query<RawSubject>(SUBJECTS, [tenantId])).rows,
    remove: () => trail.close(),
  };
}
