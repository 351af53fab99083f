import type { StoredEntry } from '../event/read.js';
import type { EventQuery } from '../stores/query.js';
import type { Retention } from '../stores/removal.js';
import type { SealLog } from '../stores/seal-log.js';
import type { EventReader } from '../stores/store.js';
import { eventLine, type EventLine } from './lines.js';

/** As much of a store as a bundle is made of. */
export type BundleSource = Pick<EventReader, 'get' | 'stream'> &
  Pick<SealLog, 'lastCheckpoint' | 'leaves' | 'leafHashes' | 'nodes' | 'indexOf'> & {
    readonly retention?: Pick<Retention, 'removals' | 'manifestOf'>;
  };

const PAGE = 200;

/** True for a question that nothing is left out of. */
export function asksForAll({ tenantId, where, search }: EventQuery): boolean {
  const isOpen = Object.values(where).every((value) => value === undefined);
  return tenantId === null && search === undefined && isOpen;
}

/** Every leaf of the log up to a size, in their order; of the purged what is left of them. */
export async function* allLeaves(source: BundleSource, size: number): AsyncGenerator<EventLine[]> {
  for (let from = 0; from < size;) {
    const leaves = await source.leaves(from, Math.min(PAGE, size - from));
    if (leaves.length === 0) return;
    yield leaves.map(({ id, index, entry }) => eventLine(id, index, entry));
    from += leaves.length;
  }
}

/**
 * What matches, in the order of ids, so that none can stand there twice unseen. Events that were sealed behind the
 * size have no place in this bundle's tree.
 */
export async function* matching(
  source: BundleSource,
  query: EventQuery,
  size: number,
): AsyncGenerator<EventLine[]> {
  const order = { column: 'timestamp', descending: false } as const;
  let page: StoredEntry[] = [];
  for await (const entry of source.stream({ ...query, order })) {
    page.push(entry);
    if (page.length < PAGE) continue;
    yield await placed(source, page, size);
    page = [];
  }
  yield await placed(source, page, size);
}

async function placed(
  source: BundleSource,
  entries: readonly StoredEntry[],
  size: number,
): Promise<EventLine[]> {
  return Promise.all(
    entries.map(async (entry) => {
      const { id } = entry.core;
      const index = await source.indexOf(id);
      return eventLine(id, index !== undefined && index < size ? index : undefined, entry);
    }),
  );
}
