import { MemoryStore } from './stores/memory/memory-store.js';
import type { Store } from './stores/store.js';

/**
 * A trail in memory, for tests and trials: it is gone when the process ends.
 *
 * @example
 * ```ts
 * const audit = createAudit({ store: createMemoryStore() });
 * ```
 */
export function createMemoryStore(): Store {
  return new MemoryStore();
}
