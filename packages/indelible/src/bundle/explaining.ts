import type { BundleSource } from './collect.js';
import { eventLine, type EventLine } from './lines.js';
import { isCovered, removalIn, type VouchedRemoval } from './removed.js';

/** A removal that may explain something in the bundle, with the event that vouches for it. */
export interface KnownRemoval extends VouchedRemoval {
  readonly event: EventLine;
  readonly note: string;
  /** True once there is something in the bundle that it explains. */
  isNeeded: boolean;
}

export interface ExplainingParts {
  readonly source: Pick<BundleSource, 'get' | 'indexOf' | 'retention'>;
  /** Whose bundle it is; null for all tenants. */
  readonly tenantId: string | null;
  /** How long the log is that the bundle is of. */
  readonly size: number;
}

/**
 * Why events in a bundle are without their payload, or gone. Removals go on while a bundle is written: what they have
 * taken is always read before what explains it, and one whose event lies behind the checkpoint explains nothing there.
 */
export class Explaining {
  readonly #parts: ExplainingParts;
  readonly #seen = new Set<string>();
  readonly #known: KnownRemoval[] = [];
  /** Vouched for by events that the log of this bundle does not reach to. */
  readonly #later: VouchedRemoval[] = [];

  constructor(parts: ExplainingParts) {
    this.#parts = parts;
  }

  /** Those that explain something, oldest first. */
  get needed(): readonly KnownRemoval[] {
    return this.#known.filter(({ isNeeded }) => isNeeded);
  }

  /** True when a removal has taken something of this page that only a newer checkpoint can explain. */
  async isOvertaken(page: readonly EventLine[]): Promise<boolean> {
    const gone = page.filter(({ payload }) => payload === null);
    let unexplained = gone.filter((line) => !this.#explain(line));
    if (unexplained.length === 0) return false;
    await this.#readAgain();
    unexplained = unexplained.filter((line) => !this.#explain(line));
    return unexplained.some((line) => line.index === null || isTakenBy(line, this.#later));
  }

  #explain(line: EventLine): boolean {
    const explaining = this.#known.filter((one) => isTakenBy(line, [one]));
    for (const one of explaining) one.isNeeded = true;
    return explaining.length > 0;
  }

  async #readAgain(): Promise<void> {
    for (const { eventId, note } of (await this.#parts.source.retention?.removals()) ?? []) {
      if (this.#seen.has(eventId)) continue;
      this.#seen.add(eventId);
      await this.#learn(eventId, note);
    }
  }

  /** Only what the tenant of the question may read: a removal of another one could tell of that one's holds. */
  async #learn(eventId: string, note: string): Promise<void> {
    const { source, tenantId, size } = this.#parts;
    const [entry, index] = [await source.get(eventId, tenantId), await source.indexOf(eventId)];
    if (entry === undefined || index === undefined) return;
    const removal = removalIn((await source.retention?.manifestOf(eventId)) ?? '');
    if (removal === undefined) return;
    const event = eventLine(eventId, index, entry);
    if (index < size) this.#known.push({ ...removal, index, event, note, isNeeded: false });
    else this.#later.push({ ...removal, index });
  }
}

function isTakenBy({ index, core }: EventLine, removals: readonly VouchedRemoval[]): boolean {
  return index !== null && isCovered(index, core === null ? 'purge' : 'erase', removals);
}
