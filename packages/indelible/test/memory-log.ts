import { MemoryRows } from '../src/stores/memory/memory-rows.js';
import { MemoryStore } from '../src/stores/memory/memory-store.js';
import type { SealLogUnderTest } from '../src/testing/seal-log/seal-log-contract.js';

/** A log in memory, and ways to its rows beside it. */
export async function openMemoryLog(
  make: (rows: MemoryRows) => MemoryStore = (rows) => new MemoryStore(rows),
): Promise<SealLogUnderTest> {
  const rows = new MemoryRows();
  const stores: MemoryStore[] = [];
  const another = async (): Promise<MemoryStore> => {
    const store = make(rows);
    stores.push(store);
    return store;
  };
  const { leaves, nodes, checkpoints, tallies } = rows;
  return {
    store: await another(),
    another,
    rawLog: async () => structuredClone([leaves, nodes, checkpoints, tallies, rows.head, rows.sealedTo]),
    rawTallies: async () => [...tallies.values()],
    slipIn: async (entry) => {
      rows.events.set(entry.core.id, { place: 0, entry: { ...entry, recordedAt: null } });
    },
    takeAway: async (id) => {
      rows.events.delete(id);
    },
    remove: async () => {
      for (const store of stores) await store.close();
    },
  };
}
