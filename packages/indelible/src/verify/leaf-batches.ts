import type { SealedLeaf, SealLog } from '../stores/seal-log.js';

/** The leaves of some indexes, as far as the store has them. */
export interface LeafBatch {
  readonly from: number;
  readonly to: number;
  readonly leaves: readonly SealedLeaf[];
}

/** Batches begin small, and grow as long as they are light: an event can weigh a megabyte. */
const FIRST = 256;
const [LEAST, MOST] = [16, 2_048];
const LIGHT = 2 * 1024 * 1024;

type Log = Pick<SealLog, 'leaves' | 'rawLeaves'>;

/** The leaves from one index up to another in their order. While one batch is looked at, the next is being read. */
export async function* leafBatches(log: Log, from: number, to: number): AsyncGenerator<LeafBatch> {
  let limit = FIRST;
  let coming = read(log, from, Math.min(from + limit, to));
  while (true) {
    const batch = await coming;
    if (batch.from >= to) return;
    limit = nextLimit(limit, batch);
    coming = read(log, batch.to, Math.min(batch.to + limit, to));
    yield batch;
  }
}

function read(log: Log, from: number, to: number): Promise<LeafBatch> {
  const batch = from < to ? ask(log, from, to) : Promise.resolve({ from, to, leaves: [] });
  // Whoever stops reading does not wait for what was asked for ahead.
  batch.catch(() => undefined);
  return batch;
}

async function ask(log: Log, from: number, to: number): Promise<LeafBatch> {
  const limit = to - from;
  return { from, to, leaves: await (log.rawLeaves?.(from, limit) ?? log.leaves(from, limit)) };
}

function nextLimit(limit: number, { leaves }: LeafBatch): number {
  const weight = leaves.reduce((sum, leaf) => sum + weightOf(leaf), 0);
  const wanted = weight * 2 < LIGHT ? limit * 2 : Math.floor((limit * LIGHT) / weight);
  return Math.min(Math.max(wanted, LEAST), limit * 2, MOST);
}

function weightOf(leaf: SealedLeaf): number {
  return leaf.bytes?.size ?? leaf.entry?.payload?.length ?? 0;
}
