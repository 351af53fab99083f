import { checkBatch, unfit } from '../seal-batch.js';
import {
  type Lag,
  type LogHead,
  NODE_WIDTH,
  type Pending,
  type SealBatch,
  type SealedLeaf,
  type SealLog,
  type StoredCheckpoint,
} from '../seal-log.js';
import type { MemoryEvent, MemoryRows } from './memory-rows.js';
import { add } from './rollup.js';

/** The Merkle log over the events in memory. Nothing comes between the steps of a method, so each is whole. */
export class MemorySealLog implements SealLog {
  /** Asked for at every question, since a closed store has none. */
  readonly #rows: () => MemoryRows;

  constructor(rows: () => MemoryRows) {
    this.#rows = rows;
  }

  async head(): Promise<LogHead> {
    return this.#rows().head;
  }

  async pending(limit: number): Promise<Pending> {
    const { head, sealedTo } = this.#rows();
    const unsealed = this.#unsealed();
    const events = unsealed.slice(0, limit);
    return {
      head,
      entries: events.map(({ entry: { core, search } }) => ({ core, search: { role: search.role } })),
      place: String(events.at(-1)?.place ?? sealedTo),
      hasMore: unsealed.length > limit,
    };
  }

  async seal(batch: SealBatch): Promise<boolean> {
    checkBatch(batch);
    const rows = this.#rows();
    const place = Number(batch.place);
    if (!Number.isSafeInteger(place)) throw unfit('a place');
    if (!isSameHead(rows.head, batch.from)) return false;
    checkNodes(rows, batch);
    if (batch.ids.length > 0) {
      rows.sealedTo = place;
      append(rows, batch);
    }
    const { head, checkpoint: note } = batch;
    rows.checkpoints.push({ size: head.size, note, sealedAt: new Date().toISOString() });
    return true;
  }

  async lag(): Promise<Lag> {
    const unsealed = this.#unsealed();
    return { count: unsealed.length, oldest: unsealed[0]?.entry.recordedAt ?? null };
  }

  async leaves(from: number, limit: number): Promise<readonly SealedLeaf[]> {
    const { leaves, events } = this.#rows();
    return leaves.slice(from, from + limit).map(({ id, hash }, n) => ({
      index: from + n,
      id,
      hash,
      entry: events.get(id)?.entry,
    }));
  }

  async leafHashes(from: number, to: number): Promise<readonly Uint8Array[]> {
    const { leaves } = this.#rows();
    return leaves.slice(from, to).map(({ hash }) => hash);
  }

  async nodes(level: number, from: number, to: number): Promise<readonly Uint8Array[]> {
    const { nodes, head } = this.#rows();
    const end = Math.min(to, Math.floor(head.size / NODE_WIDTH));
    const indexes = Array.from({ length: Math.max(end - from, 0) }, (_, n) => from + n);
    return indexes.flatMap((index) => nodes.get(`${level} ${index}`) ?? []);
  }

  async indexOf(id: string): Promise<number | undefined> {
    return this.#rows().indexes.get(id);
  }

  async checkpoints(
    after: number,
    limit: number,
  ): Promise<readonly (StoredCheckpoint & { readonly place: number })[]> {
    const found = this.#rows().checkpoints.slice(after, after + limit);
    return found.map((checkpoint, n) => ({ ...checkpoint, place: after + n + 1 }));
  }

  async lastCheckpoint(): Promise<StoredCheckpoint | undefined> {
    return this.#rows().checkpoints.at(-1);
  }

  async strays(limit: number): Promise<readonly string[]> {
    const { events, indexes, sealedTo } = this.#rows();
    const strays = [...events.values()].filter(
      ({ place, entry }) => place <= sealedTo && !indexes.has(entry.core.id),
    );
    return strays.slice(0, limit).map(({ entry }) => entry.core.id);
  }

  /** In the order they were stored in, which is the map's. */
  #unsealed(): MemoryEvent[] {
    const { events, sealedTo } = this.#rows();
    return [...events.values()].filter(({ place }) => place > sealedTo);
  }
}

function checkNodes({ nodes }: MemoryRows, batch: SealBatch): void {
  if (batch.nodes.some(({ level, index }) => nodes.has(`${level} ${index}`)))
    throw unfit('nodes that are not there yet');
}

function append(rows: MemoryRows, { ids, leaves, nodes, tallies, head }: SealBatch): void {
  for (const [n, hash] of leaves.entries()) {
    const id = ids[n] ?? '';
    rows.indexes.set(id, rows.leaves.length);
    rows.leaves.push({ id, hash });
  }
  for (const { level, index, hash } of nodes) rows.nodes.set(`${level} ${index}`, hash);
  add(rows.tallies, tallies);
  rows.head = head;
}

function isSameHead(a: LogHead, b: LogHead): boolean {
  return a.size === b.size && Buffer.compare(a.root, b.root) === 0;
}
