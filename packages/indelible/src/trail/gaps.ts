/** Why an event that had a number never came to stand in the trail. */
export type GapReason = 'no_room' | 'refused' | 'outbox';

interface Gap {
  readonly reason: GapReason;
  count: number;
  firstN: number;
  lastN: number;
}

/** Counts what was lost or refused until an AUDIT_GAP event can say so. */
export class Gaps {
  readonly #open = new Map<GapReason, Gap>();

  add(reason: GapReason, n: number): void {
    const gap = this.#open.get(reason);
    if (gap === undefined) this.#open.set(reason, { reason, count: 1, firstN: n, lastN: n });
    else {
      gap.count += 1;
      gap.lastN = n;
    }
  }

  get isEmpty(): boolean {
    return this.#open.size === 0;
  }

  /** The gaps to be told, which are then closed. */
  take(): { reason: GapReason; count: number; first_n: number; last_n: number }[] {
    const gaps = [...this.#open.values()];
    this.#open.clear();
    return gaps.map(({ reason, count, firstN, lastN }) => ({
      reason,
      count,
      first_n: firstN,
      last_n: lastN,
    }));
  }
}
