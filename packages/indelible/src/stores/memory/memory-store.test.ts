import { afterAll, describe, expect, it } from 'vitest';

import { createMemoryStore } from '../../memory.js';
import { storeContract, type StoreUnderTest } from '../../testing/store-contract.js';
import type { StoredEntry } from '../../event/read.js';

const OLDEST_FIRST = { where: {}, order: { column: 'timestamp', descending: false }, limit: 1 } as const;

/** Nothing but the store itself reaches its memory: here the raw rows are what it streams. */
async function open(): Promise<StoreUnderTest> {
  const store = createMemoryStore();
  const all = async (tenantId: string): Promise<StoredEntry[]> => {
    const entries: StoredEntry[] = [];
    for await (const entry of store.stream({ ...OLDEST_FIRST, tenantId })) entries.push(entry);
    return entries;
  };
  return {
    store,
    rawEvents: async (tenantId) =>
      (await all(tenantId)).map(({ core, payload, salt }) => ({
        id: core.id,
        action: core.action,
        payload,
        payloadDigest: core.payload_digest,
        salt,
      })),
    rawSubjects: async (tenantId) =>
      (await all(tenantId)).flatMap(({ core, search }) =>
        [...new Set(search.subjects)].map((subjectId) => ({ subjectId, eventId: core.id })),
      ),
    remove: () => store.close(),
  };
}

storeContract('memory', open, { afterAll, describe, it });

describe('the store in memory', () => {
  it('says that it does not last', async () => {
    const store = createMemoryStore();
    expect(store.description).toContain('gone when the process ends');
    expect(await store.check()).toEqual([
      { severity: 'warning', message: expect.stringContaining('Use it for tests only') },
    ]);
  });
});
