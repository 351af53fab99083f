import type { Entry } from '../../event/entry.js';
import type { StoredEntry } from '../../event/read.js';
import type { RemovalKind } from '../../stores/removal.js';
import type { Tally } from '../../stores/seal-log.js';
import { talliesOf } from '../../stores/tallies.js';
import { clinicLife, sample } from '../contract/sample.js';
import { NaiveTree } from '../seal-log/naive-tree.js';
import { addedUp, Sealed } from '../seal-log/sealed.js';
import type { RemovingStore } from './under-test.js';

const BATCH = 40;

/** Events of two tenants and of none, of which many concern several people. */
export function someLife(count = 30): Entry[] {
  return ['', 'acme', 'zeta'].flatMap((tenant, seed) => clinicLife(tenant, count, seed + 1));
}

/** Stores events and seals all that is pending, counted as the sealer counts it. */
export async function storeAndSeal(store: RemovingStore, entries: readonly Entry[]): Promise<void> {
  await store.append(entries);
  const leaves = await store.leaves(0, (await store.head()).size);
  let sealed = new Sealed(
    leaves.map(({ id }) => id),
    new NaiveTree(leaves.map(({ hash }) => hash)),
  );
  for (let pending = await store.pending(BATCH); pending.entries.length > 0;) {
    await store.seal({ ...sealed.batch(pending), tallies: talliesOf(pending.entries) });
    sealed = sealed.after(pending.entries);
    pending = await store.pending(BATCH);
  }
}

/** A removal that was decided, under an event of its own. */
export async function decided(store: RemovingStore, kind: RemovalKind): Promise<string> {
  const eventId = sample().core.id;
  await store.retention.decide({ eventId, kind, manifest: `{"of":"${eventId}"}`, note: 'somebody' });
  return eventId;
}

/** Removes events under a removal, beside the holds of now. */
export async function take(
  { retention }: Pick<RemovingStore, 'retention'>,
  eventId: string,
  ids: readonly string[],
): Promise<number | undefined> {
  return retention.remove(eventId, ids, await retention.holdChanges());
}

/** A removal from its decision to its end. */
export async function removeAll(
  store: RemovingStore,
  kind: RemovalKind,
  gone: readonly Entry[],
): Promise<string> {
  const eventId = await decided(store, kind);
  await take(
    store,
    eventId,
    gone.map(({ core }) => core.id),
  );
  await store.retention.finish(eventId);
  return eventId;
}

/** What events are counted as, each with its subjects as it was given. */
export function counted(entries: readonly Entry[]): Tally[] {
  const stored: StoredEntry[] = entries.map((entry) => ({ ...entry, recordedAt: null }));
  return addedUp(talliesOf(stored));
}

/** The events apart from every so-manieth one. */
export function split<T extends Entry>(entries: readonly T[], every = 3): { gone: T[]; left: T[] } {
  return {
    gone: entries.filter((_, n) => n % every === 0),
    left: entries.filter((_, n) => n % every !== 0),
  };
}

export function byId<T extends { readonly id: string }>(rows: readonly T[]): T[] {
  return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
