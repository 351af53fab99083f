import { createHash } from 'node:crypto';

import type { StoredEntry } from '../../event/read.js';
import type { Removal, StoredRemoval } from '../removal.js';
import type { SavedView, ViewOwner } from '../views.js';
import type { LogHead, StoredCheckpoint, Tally } from '../seal-log.js';

export interface MemoryEvent {
  /** Where it came in the order of all that were ever stored. */
  readonly place: number;
  readonly entry: StoredEntry;
}

/** All that a trail in memory consists of; every store over the same rows sees the same trail. */
export class MemoryRows {
  readonly events: Map<string, MemoryEvent> = new Map();
  readonly leaves: { readonly id: string; readonly hash: Uint8Array }[] = [];
  /** Where the leaf of an event is. */
  readonly indexes: Map<string, number> = new Map();
  /** By level and index. */
  readonly nodes: Map<string, Uint8Array> = new Map();
  readonly checkpoints: StoredCheckpoint[] = [];
  readonly tallies: Map<string, Tally> = new Map();
  /** By the events that vouch for them, in the order they were decided in. */
  readonly removals: Map<string, Removal & StoredRemoval> = new Map();
  /** Ids of events that are gone for good: none of them comes back. */
  readonly purged: Set<string> = new Set();
  readonly views: Map<string, { readonly owner: ViewOwner; readonly view: SavedView }> = new Map();
  isRemoving = false;
  head: LogHead = { size: 0, root: createHash('sha256').digest(), frontier: [] };
  /** The last event that is sealed. */
  sealedTo = 0;
  #places = 0;

  add(entry: StoredEntry): void {
    this.#places += 1;
    this.events.set(entry.core.id, { place: this.#places, entry });
  }
}
