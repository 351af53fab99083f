/** Leaf indexes as text, such as `0-99,105`: ranges with both ends in them, in ascending order, none touching the next. */

/** Room for more ranges than a removal should ever need; a longer text is refused unread. */
const MAX_LENGTH = 64 * 1024 * 1024;
const RANGES = /^(?:(?:0|[1-9]\d{0,15})(?:-[1-9]\d{0,15})?(?:,(?!$)|$))*$/;

/** A set of leaf indexes, which takes two numbers for each unbroken run of them. */
export class LeafRanges {
  /** First and last of each range, one behind the other. */
  readonly #ends: Float64Array;
  /** How many indexes there are. */
  readonly count: number;

  private constructor(ends: Float64Array) {
    this.#ends = ends;
    let count = 0;
    for (let i = 0; i < ends.length; i += 2) count += end(ends, i + 1) - end(ends, i) + 1;
    this.count = count;
  }

  /** The indexes that a text names; undefined for one that `formatRanges` does not write, whatever it is. */
  static parse(text: unknown): LeafRanges | undefined {
    if (typeof text !== 'string' || text.length > MAX_LENGTH || !RANGES.test(text)) return undefined;
    const ends = text === '' ? new Float64Array() : Float64Array.from(text.split(',').flatMap(endsOf));
    return isAscending(ends) ? new LeafRanges(ends) : undefined;
  }

  get last(): number | undefined {
    return this.#ends.at(-1);
  }

  has(index: number): boolean {
    const ends = this.#ends;
    let [low, high] = [0, ends.length / 2];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (end(ends, 2 * middle + 1) < index) low = middle + 1;
      else high = middle;
    }
    return low < ends.length / 2 && end(ends, 2 * low) <= index && Number.isSafeInteger(index);
  }
}

/**
 * The text of indexes that are given in ascending order; one that is given twice counts once.
 *
 * @example
 * ```ts
 * formatRanges([0, 1, 2, 5]); // '0-2,5'
 * ```
 */
export function formatRanges(indexes: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const index of indexes) {
    const last = ranges.at(-1);
    if (!Number.isSafeInteger(index) || index < (last?.[1] ?? 0)) throw new RangeError(refusal(index));
    if (last && index <= last[1] + 1) last[1] = index;
    else ranges.push([index, index]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

/** What `LeafRanges.parse` answers. */
export function parseRanges(text: string): LeafRanges | undefined {
  return LeafRanges.parse(text);
}

function endsOf(range: string): [number, number] {
  const [first = '', last = first] = range.split('-');
  return [Number(first), Number(last)];
}

/** Also that nothing is said in a longer way than it must be: one set of indexes has one text. */
function isAscending(ends: Float64Array): boolean {
  for (let i = 0; i < ends.length; i += 2) {
    const [first, last] = [end(ends, i), end(ends, i + 1)];
    if (!Number.isSafeInteger(last) || last < first) return false;
    if (i > 0 && first <= end(ends, i - 1) + 1) return false;
  }
  return true;
}

function end(ends: Float64Array, i: number): number {
  return ends[i] ?? Number.NaN;
}

function refusal(index: number): string {
  return `Leaf indexes are whole numbers from 0 in ascending order, and ${index} is not.`;
}
