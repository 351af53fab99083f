import type { EventCore, SearchColumns } from '../event/entry.js';
import type { StoredEntry } from '../event/read.js';

/** Leaves are kept one by one; above them the roots of every whole subtree of 256, of 256 x 256, and so on. */
export const NODE_WIDTH = 256;

/** Where the log stands. */
export interface LogHead {
  /** How many leaves there are. */
  readonly size: number;
  readonly root: Uint8Array;
  /** The roots of the perfect subtrees the log consists of, the largest first: all it takes to append. */
  readonly frontier: readonly Uint8Array[];
}

/** As much of an entry as it takes to seal it: what is hashed, and what is counted beside that. */
export interface UnsealedEntry {
  readonly core: EventCore;
  readonly search: Pick<SearchColumns, 'role'>;
}

/** Events without a leaf, with the head that they were read beside. */
export interface Pending {
  readonly head: LogHead;
  readonly entries: readonly UnsealedEntry[];
  /** Where the log has come to once these are sealed; only the store reads it. */
  readonly place: string;
  /** True when there are events behind these. */
  readonly hasMore: boolean;
}

/** The root of a whole subtree: `level` 1 has 256 leaves under it, `index` counts such subtrees from the left. */
export interface TreeNode {
  readonly level: number;
  readonly index: number;
  readonly hash: Uint8Array;
}

/** What an event is counted under: in all quarter of an hour by quarter of an hour, the rest by days of UTC. */
export type TallyKind = 'total' | 'action' | 'outcome' | 'model' | 'role' | 'actor';

/** So many events of a quarter of an hour or of a day, by the time of the event. */
export interface Tally {
  /** Its start, which for a day is that of its first quarter; RFC 3339. */
  readonly quarter: string;
  readonly tenantId: string;
  readonly kind: TallyKind;
  /** Empty for `total`. */
  readonly value: string;
  readonly count: number;
}

export interface SealBatch {
  /** The head that `pending` answered: the batch is refused when the log has moved on. */
  readonly from: LogHead;
  readonly place: string;
  readonly ids: readonly string[];
  readonly leaves: readonly Uint8Array[];
  readonly nodes: readonly TreeNode[];
  readonly tallies: readonly Tally[];
  readonly head: LogHead;
  /** The signed note over the new head. */
  readonly checkpoint: string;
}

/** One leaf, with its event when that is still there. */
export interface SealedLeaf {
  readonly index: number;
  readonly id: string;
  readonly hash: Uint8Array;
  readonly entry: StoredEntry | undefined;
  /** The event once more, where the store was asked for its bytes, and neither its payload nor its salt is gone. */
  readonly bytes?: EventBytes | undefined;
}

/** A whole event as the bytes that are hashed, of which no entry need be made. They hold until the next are asked for. */
export interface EventBytes {
  readonly action: string;
  readonly process: EventCore['process'];
  /** When it was recorded, as its id tells; in milliseconds. */
  readonly time: number;
  /** How many bytes its row has. */
  readonly size: number;
  /** What its leaf is the hash of: a byte of zero, and the canonical text of its core. */
  leaf(): Uint8Array;
  /** What its digest is the hash of: its salt, and its payload. */
  sealed(): Uint8Array;
  /** The digest that its core names, in hexadecimal. */
  digest(): string;
}

export interface StoredCheckpoint {
  readonly size: number;
  readonly note: string;
  readonly sealedAt: string;
}

export interface Lag {
  /** Stored events that have no leaf; counted up to a bound, since the log is caught up with by the thousand. */
  readonly count: number;
  /** When the oldest of them was stored. */
  readonly oldest: string | null;
}

/** The Merkle log over the stored events. Indexes count leaves from 0. */
export interface SealLog {
  head(): Promise<LogHead>;
  /**
   * Committed events that have no leaf yet, in the order they are sealed in. None is ever passed over, however
   * late its transaction commits, and none comes twice. No payload is read. Changes nothing.
   */
  pending(limit: number): Promise<Pending>;
  /**
   * Appends the batch in one transaction, only if the log still stands at `from`: false when it does not, and
   * then nothing is changed. A batch without leaves is a sign of life: it adds its checkpoint and no more. A
   * rejection may also mean "sealed, but the answer was lost": ask for the head again.
   */
  seal(batch: SealBatch): Promise<boolean>;
  lag(): Promise<Lag>;
  /** Up to `limit` leaves from the index on, in their order. */
  leaves(from: number, limit: number): Promise<readonly SealedLeaf[]>;
  /**
   * The same for whoever only hashes them, from a store that can read them so at less cost: an entry is without what is
   * not hashed, and may come as bytes.
   */
  rawLeaves?(from: number, limit: number): Promise<readonly SealedLeaf[]>;
  /** The hashes of the leaves from one index up to another, without their events. */
  leafHashes(from: number, to: number): Promise<readonly Uint8Array[]>;
  /** The roots of whole subtrees of one level, from one index up to another. */
  nodes(level: number, from: number, to: number): Promise<readonly Uint8Array[]>;
  /** The index of an event's leaf; undefined while it has none. */
  indexOf(id: string): Promise<number | undefined>;
  /** Up to `limit` checkpoints behind a place in their order, oldest first. */
  checkpoints(
    after: number,
    limit: number,
  ): Promise<readonly (StoredCheckpoint & { readonly place: number })[]>;
  lastCheckpoint(): Promise<StoredCheckpoint | undefined>;
  /** Ids of events that have no leaf although the log has passed their place: what was slipped in behind it. */
  strays(limit: number): Promise<readonly string[]>;
}
