import { AuditError } from '../event/errors.js';
import type { LooseInput } from '../event/input.js';
import { readEvent } from '../event/read.js';
import { manifestDigest } from '../integrity/manifest-digest.js';
import type { LogKeys } from '../integrity/note-key.js';
import { isSignedRemoval, signRemoval } from '../integrity/removal-note.js';
import { reach } from '../stores/failpoints.js';
import type { EventMatch, Removal, StoredRemoval } from '../stores/removal.js';
import type { SealLog } from '../stores/seal-log.js';
import type { EventReader, Store } from '../stores/store.js';
import { type Decision, type Manifest, readManifest, writeManifest } from './manifest.js';
import { Rules } from './rules.js';

/** All of a store that it takes to let events go. */
export type RemovalStore = Pick<SealLog, 'indexOf' | 'lastCheckpoint'> &
  Pick<EventReader, 'get' | 'stream'> &
  Pick<Store, 'description' | 'retention'>;

/** What letting events go asks of a trail. */
export interface RemovalParts {
  readonly store: RemovalStore;
  /** Records an event in the context of now; resolves to its id. */
  readonly record: (event: LooseInput) => Promise<string | undefined>;
  /** Resolves when everything recorded so far is in the store, or the store cannot be reached. */
  readonly flush: () => Promise<void>;
  /** Resolves when everything recorded so far has its place in the log; rejects when it cannot be sealed. */
  readonly seal: () => Promise<void>;
  /**
   * By which a removal is told from what somebody has only written into the database. Throws where this trail does
   * not seal.
   */
  readonly keys: () => LogKeys;
  /** Tells of what is wrong and does not stop the work. */
  readonly report: (error: AuditError) => void;
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
  /** The holds as they were when so many events had placed or released one. */
  #held: { readonly changes: number; readonly matches: readonly EventMatch[] } | undefined;

  constructor(parts: RemovalParts) {
    this.#parts = parts;
  }

  /** Runs `work` unless another process is removing events of this trail. */
  async alone<T>({ batchSize = BATCH }: Pace, work: () => Promise<T>): Promise<T> {
    if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > LARGEST_BATCH) throw noBatch(batchSize);
    const { store } = this.#parts;
    requireRetention(store);
    const done = await store.retention.exclusively(async () => ({ result: await work() }));
    if (done !== undefined) return done.result;
    throw new AuditError(
      'REMOVAL_RUNNING',
      'Another clean-up or erasure is removing events of this trail, and nothing was begun; try again when it is over.',
    );
  }

  /**
   * Brings to their end the removals that were broken off, just as they were decided. What is no removal of this
   * trail's is told of and left: whoever can write rows could keep every clean-up from its work by one of them.
   */
  async goOn(pace: Pace): Promise<Removed> {
    let removed = 0;
    for (const stored of await this.#parts.store.retention.removals()) {
      if (stored.doneAt !== null) continue;
      const decided = await this.#reopened(stored);
      if (decided === undefined) continue;
      const outcome = await this.carryOut(decided, pace);
      removed += outcome.removed;
      if (!outcome.isDone) return { removed, isDone: false };
    }
    return { removed, isDone: true };
  }

  /** Decides a removal: from here on it is carried out, by this process or by another. */
  async decide(decision: Decision, eventOf: (digest: string) => LooseInput): Promise<Decided> {
    const { store, record, flush, seal, keys } = this.#parts;
    const manifest = writeManifest(decision);
    const eventId = await record(eventOf(manifestDigest(manifest)));
    await flush();
    reach('purge.recorded');
    await seal();
    if (eventId === undefined || (await store.indexOf(eventId)) === undefined) throw unrecorded(eventId);
    reach('purge.sealed');
    const answered = { eventId, kind: decision.kind, manifest };
    const removal: Removal = { ...answered, note: signRemoval(answered, keys().signing) };
    const decided = { eventId, manifest: await this.#vouchedFor(removal) };
    await store.retention.decide(removal);
    reach('purge.decided');
    return decided;
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
        const batch = await this.#remove({ eventId, manifest }, rule, after, pace.batchSize ?? BATCH);
        removed += batch.removed;
        pace.onProgress?.({ removed, total: manifest.ranges.count });
        after = batch.lastId ?? rule.lastId;
      }
    }
    await this.#parts.store.retention.finish(eventId);
    reach('purge.finished');
    return { removed, isDone: true };
  }

  /**
   * What is of the clause and not of the manifest has come since, or was held: it is left. Chosen again when a hold was
   * placed or released before it was gone.
   */
  async #remove(
    { eventId, manifest: { ranges } }: Decided,
    { clause }: Rule,
    after: string | null,
    limit: number,
  ): Promise<{ readonly removed: number; readonly lastId: string | undefined }> {
    const { retention } = this.#parts.store;
    while (true) {
      const holdChanges = await retention.holdChanges();
      const holds = await this.#holdsAt(holdChanges);
      const leaves = await retention.select({ clauses: [clause], holds }, after, limit);
      const ids = leaves.filter(({ index }) => ranges.has(index)).map(({ id }) => id);
      const removed = ids.length === 0 ? 0 : await retention.remove(eventId, ids, holdChanges);
      reach('purge.batch');
      if (removed !== undefined) return { removed, lastId: leaves.at(-1)?.id };
    }
  }

  /** Read again only where there are others than before. */
  async #holdsAt(changes: number): Promise<readonly EventMatch[]> {
    if (this.#held?.changes === changes) return this.#held.matches;
    const matches = (await new Rules(this.#parts).holds()).map(({ match }) => match);
    this.#held = { changes, matches };
    return matches;
  }

  async #reopened(stored: StoredRemoval): Promise<Decided | undefined> {
    const { eventId, kind, note } = stored;
    const { store, report } = this.#parts;
    try {
      const manifest = (await store.retention.manifestOf(eventId)) ?? '';
      return { eventId, manifest: await this.#vouchedFor({ eventId, kind, note, manifest }) };
    } catch (error) {
      if (!(error instanceof AuditError) || error.code !== 'LOG_DAMAGED') throw error;
      report(error);
      return undefined;
    }
  }

  /** Nothing is removed but what a key of the log has signed, and what its sealed event vouches for. */
  async #vouchedFor(removal: Removal): Promise<Manifest> {
    const { eventId, kind, manifest: text, note } = removal;
    const { store, keys } = this.#parts;
    if (!isSignedRemoval(note, removal, keys().known))
      throw unvouched(eventId, 'it is signed by no key of this log');
    const entry = await store.get(eventId, null);
    const event = entry && readEvent(entry);
    if (event?.action !== VOUCHING[kind] || event.metadata?.['manifest'] !== manifestDigest(text))
      throw unvouched(eventId, 'the event does not have the digest of its manifest');
    const manifest = readManifest(text);
    if (manifest === undefined) throw unvouched(eventId, 'its manifest cannot be read');
    return manifest;
  }
}

/** The action that vouches for a removal. */
export const VOUCHING = { purge: 'RETENTION_PURGE', erase: 'SUBJECT_ERASED' } as const;

/** The store, if it can let events go: one of somebody's own, or older than that, may not. */
export function requireRetention({ retention, description }: Partial<RemovalStore>): void {
  if (retention !== undefined) return;
  throw new AuditError(
    'INVALID_OPTIONS',
    `This store cannot let events go: ${description}. Use one of those that come with indelible.`,
  );
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
