import type { Failpoint } from '../../src/stores/failpoints.js';
import { SqliteStore } from '../../src/stores/sqlite/sqlite-store.js';
import type { SealedStore } from '../../src/testing/seal-log/seal-log-contract.js';
import { Sealed } from '../../src/testing/seal-log/sealed.js';

/** What a test asks of a process of its own that seals, as JSON in its first argument. */
export interface SealingTask {
  readonly database: 'sqlite';
  readonly path: string;
  /** Seals once, and dies on the way; without it, it stores and seals until it is killed. */
  readonly dieAt?: Failpoint;
}

export function openSealedStore(task: SealingTask): SealedStore {
  return new SqliteStore({ path: task.path });
}

/** What a log holds, as far as it is known already or else read from it. */
export async function readSealed(log: SealedStore, known: Sealed = new Sealed()): Promise<Sealed> {
  const { size } = await log.head();
  const leaves = await log.leaves(known.tree.size, Math.max(size - known.tree.size, 0));
  return new Sealed(
    [...known.ids, ...leaves.map(({ id }) => id)],
    known.tree.with(leaves.map(({ hash }) => hash)),
  );
}
