import type { Json } from './event.js';
import type { Flag } from './flag.js';
import type { Redactor } from './redaction.js';
import { Snapshot } from './snapshot.js';

/** What is kept of a record as it was, and as it became; a side that has no record is absent. */
export interface Images {
  readonly before?: Readonly<Record<string, Json>> | undefined;
  readonly after?: Readonly<Record<string, Json>> | undefined;
}

/** Fields and their values, as they were given. */
export type Fields = readonly (readonly [string, unknown])[];

export interface Sides {
  readonly before: Fields | undefined;
  readonly after: Fields | undefined;
}

/** With less room than this for each field, the last ones are left away instead. */
const LEAST_SHARE_BYTES = 128;
const ROUNDS = 3;

/**
 * Copies both sides within a limit. When there is too little room it is the largest fields that are cut:
 * one long text must not take the others with it.
 */
export class ImageTaker {
  readonly #limitBytes: number;
  readonly #redactor: Redactor;

  constructor(limitBytes: number, redactor: Redactor) {
    this.#limitBytes = limitBytes;
    this.#redactor = redactor;
  }

  take({ before, after }: Sides, flags: Set<Flag>): Images {
    const found = new Set<Flag>();
    const snapshot = new Snapshot(this.#limitBytes, this.#redactor, found);
    const images = { before: before && snapshot.record(before), after: after && snapshot.record(after) };
    for (const flag of found) flags.add(flag);
    if (!found.has('truncated')) return images;
    flags.add('not_restorable');
    const count = (before?.length ?? 0) + (after?.length ?? 0);
    return count * LEAST_SHARE_BYTES > this.#limitBytes ? images : this.#fit(before, after);
  }

  #fit(before: Fields | undefined, after: Fields | undefined): Images {
    const old = before?.map((field) => new Fit(field, this.#redactor));
    const now = after?.map((field) => new Fit(field, this.#redactor));
    this.#share([...(old ?? []), ...(now ?? [])]);
    return { before: old && joined(old), after: now && joined(now) };
  }

  /** Equal shares first; what the small fields leave over goes to the large ones. */
  #share(fits: readonly Fit[]): void {
    let open = fits;
    let left = this.#limitBytes;
    for (let round = 0; round < ROUNDS && open.length > 0; round += 1) {
      const share = Math.floor(left / open.length);
      for (const fit of open) left -= fit.take(share);
      open = open.filter((fit) => fit.isCut);
      left += open.reduce((sum, fit) => sum + fit.used, 0);
    }
  }
}

/** The copy of one field, taken anew for every share it is given. */
class Fit {
  readonly #field: readonly [string, unknown];
  readonly #redactor: Redactor;
  copy: Readonly<Record<string, Json>> = {};
  used = 0;
  isCut = false;

  constructor(field: readonly [string, unknown], redactor: Redactor) {
    this.#field = field;
    this.#redactor = redactor;
  }

  take(shareBytes: number): number {
    const snapshot = new Snapshot(shareBytes, this.#redactor);
    this.copy = snapshot.record([this.#field]);
    this.used = shareBytes - snapshot.left;
    this.isCut = snapshot.flags.has('truncated');
    return this.used;
  }
}

function joined(fits: readonly Fit[]): Record<string, Json> {
  return Object.fromEntries(fits.flatMap((fit) => Object.entries(fit.copy)));
}
