import { AuditError } from '../event/errors.js';
import type { LooseInput } from '../event/input.js';
import { readEvent } from '../event/read.js';
import { manifestDigest } from '../integrity/manifest-digest.js';
import { reach } from '../stores/failpoints.js';
import type { Removal, Retention, RetentionRules, SelectedLeaf, StoredRemoval } from '../stores/removal.js';
import type { SealLog } from '../stores/seal-log.js';
import type { EventReader, Store } from '../stores/store.js';
import { type Decision, type Manifest, readManifest, writeManifest } from './manifest.js';

/** All of a store that it takes to let events go. */
export type RemovalStore = Retention &
  RetentionRules &
  Pick<SealLog, 'indexOf' | 'lastCheckpoint'> &
  Pick<EventReader, 'get' | 'stream'> &
  Pick<Store, 'description'>;

/** What letting events go asks of a trail. */
export interface RemovalParts {
  readonly store: RemovalStore;
  /** Records an event in the context of now; resolves to its id. */
  readonly record: (event: LooseInput) => Promise<string | undefined>;
  /** Resolves when everything recorded so far is in the store, or the store cannot be reached. */
  readonly flush: () => Promise<void>;
  /** Resolves when everything recorded so far has its place in the log; rejects when it cannot be sealed. */
  readonly seal: () => Promise<void>;
}

export interface Pace {
  /** How many events are removed in one transaction; 1,000 by default. */
  readonly batchSize?: number | undefined;
  /** Told after each batch. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Stops between two batches; the next clean-up goes on from there. */
  readonly signal?: AbortSignal | undefined;
}

interface Progress {
  readonly removed: number;
  /** As many as may be removed. */
  readonly total: number;
}

export interface Removed {
  readonly removed: number;
  /** False when it was stopped. */
  readonly isDone: boolean;
}

/** A removal that was decided, with its manifest read. */
interface Decided {
  readonly eventId: string;
  readonly manifest: Manifest;
}

type Rule = Manifest['rules'][number];

const BATCH = 1_000;
const LARGEST_BATCH = 50_000;

/**
 * The steps of every removal, in the one order in which a crash anywhere leaves the trail provable: what may go is
 * written into a manifest, an event that vouches for it is stored and sealed, the removal is decided, and only then
 * does anything go, batch by batch. What was broken off after its decision is gone on with; what was broken off
 * before it has left an event, and removed nothing.
 */
export class Removing {
  readonly #parts: RemovalParts;

  constructor(parts: RemovalParts) {
    this.#parts = parts;
  }

  /** Runs `work` unless another process is removing events of this trail. */
  async alone<T>({ batchSize = BATCH }: Pace, work: () => Promise<T>): Promise<T> {
    if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > LARGEST_BATCH) throw noBatch(batchSize);
    const store = removalStoreOf(this.#parts.store);
    const done = await store.exclusively(async () => ({ result: await work() }));
    if (done !== undefined) return done.result;
    throw new AuditError(
      'REMOVAL_RUNNING',
      'Another clean-up or erasure is removing events of this trail, and nothing was begun; try again when it is over.',
    );
  }

  /** Brings to their end the removals that were broken off, just as they were decided. */
  async goOn(pace: Pace): Promise<Removed> {
    let removed = 0;
    for (const stored of await this.#parts.store.removals()) {
      if (stored.doneAt !== null) continue;
      const outcome = await this.carryOut(await this.#reopened(stored), pace);
      removed += outcome.removed;
      if (!outcome.isDone) return { removed, isDone: false };
    }
    return { removed, isDone: true };
  }

  /** Decides a removal: from here on it is carried out, by this process or by another. */
  async decide(decision: Decision, eventOf: (digest: string) => LooseInput): Promise<Decided> {
    const { store, record, flush, seal } = this.#parts;
    const text = writeManifest(decision);
    const digest = manifestDigest(text);
    const eventId = await record(eventOf(digest));
    await flush();
    reach('purge.recorded');
    await seal();
    if (eventId === undefined || (await store.indexOf(eventId)) === undefined) throw unrecorded(eventId);
    reach('purge.sealed');
    const removal: Removal = { eventId, kind: decision.kind, manifest: text };
    const manifest = await this.#vouchedFor(removal);
    await store.decide(removal);
    reach('purge.decided');
    return { eventId, manifest };
  }

  /**
   * Removes what the manifest names and no hold keeps at that moment: a hold that is placed meanwhile wins. What it
   * has kept is not removed under this manifest any more.
   */
  async carryOut({ eventId, manifest }: Decided, pace: Pace): Promise<Removed> {
    let removed = 0;
    for (const rule of manifest.rules) {
      for (let after = rule.afterId; after === null || after < rule.lastId;) {
        if (pace.signal?.aborted === true) return { removed, isDone: false };
        const leaves = await this.#next(rule, after, pace.batchSize ?? BATCH);
        removed += await this.#remove(eventId, leaves, manifest);
        pace.onProgress?.({ removed, total: manifest.ranges.count });
        after = leaves.at(-1)?.id ?? rule.lastId;
      }
    }
    await this.#parts.store.finish(eventId);
    reach('purge.finished');
    return { removed, isDone: true };
  }

  /** Chosen again when a hold was placed meanwhile, so that nothing is removed by rules of before. */
  async #next({ clause }: Rule, after: string | null, limit: number): Promise<readonly SelectedLeaf[]> {
    const { store } = this.#parts;
    for (let holds = await store.holds(); ;) {
      const kept = holds.map(({ match }) => match);
      const leaves = await store.select({ clauses: [clause], holds: kept }, after, limit);
      const before = JSON.stringify(holds);
      holds = await store.holds();
      if (JSON.stringify(holds) === before) return leaves;
    }
  }

  /** What is of the clause and not of the manifest has come since, or was held: it is left. */
  async #remove(eventId: string, leaves: readonly SelectedLeaf[], { ranges }: Manifest): Promise<number> {
    const ids = leaves.filter(({ index }) => ranges.has(index)).map(({ id }) => id);
    const removed = ids.length === 0 ? 0 : await this.#parts.store.remove(eventId, ids);
    reach('purge.batch');
    return removed;
  }

  async #reopened(stored: StoredRemoval): Promise<Decided> {
    return { eventId: stored.eventId, manifest: await this.#vouchedFor(stored) };
  }

  /** Nothing is removed that the sealed event does not vouch for, whoever has written the manifest into the store. */
  async #vouchedFor({ eventId, kind, manifest: text }: Removal): Promise<Manifest> {
    const { store } = this.#parts;
    const entry = await store.get(eventId, null);
    const event = entry && readEvent(entry);
    const manifest = readManifest(text);
    if (event?.action !== VOUCHING[kind] || event.metadata?.['manifest'] !== manifestDigest(text))
      throw unvouched(eventId, 'the event does not have the digest of its manifest');
    if (manifest === undefined) throw unvouched(eventId, 'its manifest cannot be read');
    return manifest;
  }
}

/** The action that vouches for a removal. */
export const VOUCHING = { purge: 'RETENTION_PURGE', erase: 'SUBJECT_ERASED' } as const;

const NEEDED = [
  'exclusively',
  'select',
  'decide',
  'remove',
  'finish',
  'policies',
  'holds',
  'indexOf',
] as const;

/** The store, if it can let events go: one of somebody's own, or older than that, may not. */
export function removalStoreOf(
  store: Partial<RemovalStore> & { readonly description: string },
): RemovalStore {
  if (isRemovalStore(store)) return store;
  throw new AuditError(
    'INVALID_OPTIONS',
    `This store cannot let events go: ${store.description}. Use one of those that come with indelible.`,
  );
}

function isRemovalStore(store: Partial<RemovalStore>): store is RemovalStore {
  return NEEDED.every((name) => typeof store[name] === 'function');
}

function unrecorded(eventId: string | undefined): AuditError {
  return new AuditError(
    'TRAIL_UNAVAILABLE',
    `Nothing was removed: the event ${eventId ?? 'that vouches for it'} was recorded and has no place in the log. See that the store can be reached and sealed, and try again.`,
  );
}

function noBatch(given: unknown): AuditError {
  return new AuditError(
    'INVALID_OPTIONS',
    `Nothing was removed: batchSize is ${JSON.stringify(given)}; give a whole number from 1 to ${LARGEST_BATCH}.`,
  );
}

function unvouched(eventId: string, found: string): AuditError {
  return new AuditError(
    'LOG_DAMAGED',
    `The removal of the event ${eventId} is not carried out: ${found}. Find out who changed it, or which redaction masks it.`,
  );
}
