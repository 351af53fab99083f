import { Frontier } from '../src/integrity/frontier.js';
import type { SigningKey } from '../src/integrity/note-key.js';
import type { SealLog } from '../src/stores/seal-log.js';
import type { EventWriter } from '../src/stores/store.js';
import { sealBatch } from '../src/trail/sealing/seal-batch.js';
import { someEntries } from './entries.js';

const BATCH = 500;

/** Seals what is pending as the sealer does, in the name of the key; with nothing pending it is a sign of life. */
export async function sealPending(log: SealLog, key: SigningKey): Promise<void> {
  for (let hasMore = true; hasMore;) {
    const pending = await log.pending(BATCH);
    const frontier = new Frontier(pending.head.size, pending.head.frontier);
    const batch = sealBatch({ pending, frontier, origin: key.name, keys: [key] });
    if (!(await log.seal(batch))) throw new Error('The log was moved on by somebody else');
    hasMore = pending.hasMore;
  }
}

/** The checkpoint after so many more events. */
export async function grow(
  store: SealLog & EventWriter,
  key: SigningKey,
  count: number,
): Promise<{ readonly size: number; readonly note: string }> {
  await store.append(someEntries(count));
  await sealPending(store, key);
  const last = await store.lastCheckpoint();
  if (last === undefined) throw new Error('There is no checkpoint');
  return last;
}
