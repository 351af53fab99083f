import { afterAll, describe, it } from 'vitest';

import { openSqliteTrail } from '../../../test/sqlite-trail.js';
import {
  type RawEvent,
  type RawSubject,
  storeContract,
  type StoreUnderTest,
} from '../../testing/store-contract.js';

const ID =
  "lower(printf('%s-%s-%s-%s-%s', substr(hex($), 1, 8), substr(hex($), 9, 4), substr(hex($), 13, 4), substr(hex($), 17, 4), substr(hex($), 21)))";
const EVENTS = `SELECT ${ID.replaceAll('$', 'id')} AS id, action, payload,
  lower(hex(payload_digest)) AS payloadDigest, lower(hex(salt)) AS salt FROM indelible_event WHERE tenant_id = ?`;
const SUBJECTS = `SELECT subject_id AS subjectId, ${ID.replaceAll('$', 'event_id')} AS eventId
  FROM indelible_event_subject WHERE tenant_id = ?`;

async function open(): Promise<StoreUnderTest> {
  const trail = await openSqliteTrail();
  return {
    store: trail.store,
    rawEvents: async (tenantId) => trail.db.prepare(EVENTS).all(tenantId) as RawEvent[],
    rawSubjects: async (tenantId) => trail.db.prepare(SUBJECTS).all(tenantId) as RawSubject[],
    remove: () => trail.close(),
  };
}

storeContract('SQLite', open, { afterAll, describe, it });
