import { MemoryRows } from '../src/stores/memory/memory-rows.js';
import { MemoryStore } from '../src/stores/memory/memory-store.js';
import type { RemovalUnderTest } from '../src/testing/removal/removal-contract.js';
import { whole } from '../src/testing/removal/under-test.js';

/** A store in memory that lets events go, and ways to its rows beside it. */
export async function openMemoryRemoval(
  make: (rows: MemoryRows) => MemoryStore = (rows) => new MemoryStore(rows),
): Promise<RemovalUnderTest> {
  const rows = new MemoryRows();
  const stores: MemoryStore[] = [];
  const another = async (): Promise<MemoryStore> => {
    const store = make(rows);
    stores.push(store);
    return store;
  };
  const { leaves, nodes, checkpoints, tallies, events } = rows;
  return {
    store: await another(),
    another,
    rawSealed: async () => structuredClone([leaves, nodes, checkpoints, rows.head, rows.sealedTo]),
    rawTallies: async () => [...tallies.values()],
    rawEvents: async () => [...events.values()].map(({ entry }) => whole(entry)),
    rawSubjects: async () =>
      [...events.values()].flatMap(({ entry }) =>
        [...new Set(entry.search.subjects)].map((subjectId) => ({ subjectId, eventId: entry.core.id })),
      ),
    slipIn: async (entry) => {
      events.set(entry.core.id, { place: 0, entry: { ...entry, recordedAt: new Date().toISOString() } });
    },
    remove: async () => {
      for (const store of stores) await store.close();
    },
  };
}
