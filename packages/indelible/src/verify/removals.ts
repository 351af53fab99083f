import type { StoredEntry } from '../event/read.js';
import type { RemovalKind, Retention, StoredRemoval } from '../stores/removal.js';
import type { SealLog } from '../stores/seal-log.js';
import type { Store } from '../stores/store.js';
import type { LeafRanges } from '../integrity/ranges.js';
import { payloadProblem, stateOf } from './leaf-state.js';
import { readManifest } from './manifest.js';
import { type Claim, claimOf, type ClaimTerms, type Vouching } from './removal-claim.js';

/** Where removals and the events that vouch for them are read. */
export type RemovalSource = Pick<SealLog, 'indexOf' | 'leaves'> &
  Pick<Store, 'get'> & { readonly retention?: Pick<Retention, 'removals' | 'manifestOf'> };

/** A removal, and what was found of it. */
export interface RemovalAccount {
  /** The event that vouches for it. */
  readonly eventId: string;
  readonly kind: RemovalKind;
  /** The leaf of that event; null while it has none, or is not there. */
  readonly index: number | null;
  /** How many of the leaves that were looked at have lost their event or payload by it. */
  readonly explained: number;
  /** Why it explains nothing; null when it does. */
  readonly problem: string | null;
}

interface Known {
  readonly removal: StoredRemoval;
  readonly index: number | null;
  readonly claim: Claim | string;
  /** The leaves that it names although it explains nothing. */
  readonly refused: LeafRanges | undefined;
  explained: number;
}

/** The removals of a trail: what may be gone, and on whose word. */
export class Removals {
  readonly #source: RemovalSource;
  readonly #terms: ClaimTerms;
  readonly #known = new Map<string, Known>();
  /** What explained the leaf before, which is most likely to explain the next. */
  #last: Known | undefined;

  constructor(source: RemovalSource, terms: ClaimTerms) {
    this.#source = source;
    this.#terms = terms;
  }

  /** Reads removals that are not known yet: while a log is verified, retention may go on. */
  async refresh(): Promise<void> {
    const { retention } = this.#source;
    for (const removal of (await retention?.removals()) ?? []) {
      const { eventId, kind, note } = removal;
      if (this.#known.get(eventId)?.removal.note === note) continue;
      const manifest = (await retention?.manifestOf(eventId)) ?? '';
      const vouching = await this.#vouching(eventId);
      const claim = claimOf({ eventId, kind, note, manifest }, vouching, this.#terms);
      const refused = typeof claim === 'string' ? readManifest(manifest)?.ranges : undefined;
      const index = vouching?.index ?? null;
      this.#known.set(eventId, { removal, index, claim, refused, explained: 0 });
    }
  }

  /** Whether a removal explains that a leaf has lost its event (`purge`) or its payload (`erase`). */
  explains(kind: RemovalKind, index: number, id: string): boolean {
    if (this.#last && covers(this.#last, kind, index, id)) return true;
    for (const known of this.#known.values()) {
      if (!covers(known, kind, index, id)) continue;
      this.#last = known;
      return true;
    }
    return false;
  }

  /** As `explains`, and counts it. */
  explain(kind: RemovalKind, index: number, id: string): boolean {
    if (!this.explains(kind, index, id)) return false;
    if (this.#last) this.#last.explained += 1;
    return true;
  }

  /** Why nothing explains it: a removal that names the leaf and is not accepted, or none. */
  whyNot(kind: RemovalKind, index: number): string {
    for (const { removal, claim, refused } of this.#known.values()) {
      if (removal.kind !== kind || typeof claim !== 'string' || refused?.has(index) !== true) continue;
      return `the ${kind} by ${removal.eventId} is not accepted, since ${claim}`;
    }
    return `no ${kind} explains it`;
  }

  get accounts(): readonly RemovalAccount[] {
    return [...this.#known.values()].map(({ removal: { eventId, kind }, index, claim, explained }) => ({
      eventId,
      kind,
      index,
      explained,
      problem: typeof claim === 'string' ? claim : null,
    }));
  }

  async #vouching(id: string): Promise<Vouching | undefined> {
    const index = await this.#source.indexOf(id);
    if (index === undefined) return pending(await this.#source.get(id, null));
    const [leaf] = await this.#source.leaves(index, 1);
    if (leaf?.entry === undefined) return undefined;
    const state = stateOf(leaf);
    const problem = state.kind === 'altered' ? state.what : undefined;
    return { entry: leaf.entry, index, problem };
  }
}

function pending(entry: StoredEntry | undefined): Vouching | undefined {
  return entry && { entry, index: null, problem: payloadProblem(entry) };
}

function covers({ claim }: Known, kind: RemovalKind, index: number, id: string): boolean {
  return typeof claim !== 'string' && claim.kind === kind && claim.covers(index, id);
}
