import { AuditError } from '../event/errors.js';

/** Leaf indexes as text, such as `0-99,105`: ranges with both ends in them, in ascending order, none touching the next. */

/** Room for millions of ranges; a longer text is refused unread. */
const MAX_LENGTH = 64 * 1024 * 1024;
const RANGE = /^(0|[1-9]\d{0,15})(?:-([1-9]\d{0,15}))?$/;

type Range = readonly [first: number, last: number];

/** A set of leaf indexes, which takes two numbers for each unbroken run of them. */
export class LeafRanges {
  /** How many indexes there are. */
  readonly count: number;
  readonly #firsts: readonly number[];
  readonly #lasts: readonly number[];

  private constructor(firsts: readonly number[], lasts: readonly number[]) {
    this.#firsts = firsts;
    this.#lasts = lasts;
    this.count = firsts.reduce((sum, first, n) => sum + (lasts[n] ?? 0) - first + 1, 0);
  }

  /** The indexes that a text names; undefined for one that `formatRanges` does not write, whatever it is. */
  static parse(text: unknown): LeafRanges | undefined {
    if (typeof text !== 'string' || text.length > MAX_LENGTH) return undefined;
    const [firsts, lasts]: [number[], number[]] = [[], []];
    for (let at = 0; at < text.length;) {
      const comma = text.indexOf(',', at);
      const range = rangeOf(text.slice(at, comma === -1 ? text.length : comma));
      // One set of indexes has one text, so a range never begins where the one before it could have gone on.
      if (range === undefined || range[0] <= (lasts.at(-1) ?? -2) + 1) return undefined;
      firsts.push(range[0]);
      lasts.push(range[1]);
      if (comma === text.length - 1) return undefined;
      at = comma === -1 ? text.length : comma + 1;
    }
    return new LeafRanges(firsts, lasts);
  }

  /** The greatest of the indexes. */
  get last(): number | undefined {
    return this.#lasts.at(-1);
  }

  has(index: number): boolean {
    let [low, high] = [0, this.#lasts.length];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.#lasts[middle] ?? 0) < index) low = middle + 1;
      else high = middle;
    }
    return Number.isSafeInteger(index) && (this.#firsts[low] ?? Infinity) <= index;
  }
}

/**
 * The text of indexes that are given in ascending order, such as `0-2,5`; one that is given twice counts once.
 */
export function formatRanges(indexes: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const index of indexes) {
    const last = ranges.at(-1);
    if (!Number.isSafeInteger(index) || index < (last?.[1] ?? 0)) throw refusal(index);
    if (last && index <= last[1] + 1) last[1] = index;
    else ranges.push([index, index]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

/** The indexes that a text names; undefined for anything that `formatRanges` does not write. */
export function parseRanges(text: string): LeafRanges | undefined {
  return LeafRanges.parse(text);
}

function rangeOf(text: string): Range | undefined {
  const [, start = '', end] = RANGE.exec(text) ?? [];
  if (start === '') return undefined;
  const [first, last] = [Number(start), Number(end ?? start)];
  const isSound = Number.isSafeInteger(last) && (end === undefined || last > first);
  return isSound ? [first, last] : undefined;
}

function refusal(index: number): AuditError {
  return new AuditError(
    'NOT_PROVABLE',
    `Indexes of leaves cannot be written as ranges: found ${index}. Give whole numbers from 0 on, in ascending order.`,
  );
}
