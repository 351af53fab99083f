/** Numbers of events that came one after another, and when the first and the last of them were recorded. */
interface Run {
  first: number;
  last: number;
  from: number;
  to: number;
}

/** Numbers that are not there, and between which moments they must have been recorded. */
export interface Hole {
  readonly first: number;
  readonly last: number;
  readonly after: number;
  readonly before: number;
}

/** Past so many runs of one process nothing is learnt from one hole more. */
const MOST = 10_000;

/** Which numbers have come, in as many runs as there are holes between them. */
export class Runs {
  readonly #runs: Run[] = [];

  /** True when every number up to this one has come, and none behind it. */
  isWholeTo(n: number): boolean {
    const [first] = this.#runs;
    return this.#runs.length === 1 && first?.first === 1 && first.last === n;
  }

  add(n: number, at: number): void {
    const runs = this.#runs;
    let next = runs.length;
    while (next > 0 && (runs[next - 1]?.first ?? 0) > n) next -= 1;
    const before = runs[next - 1];
    if (before && n <= before.last + 1) extend(before, n, at);
    else if (runs.length < MOST) runs.splice(next, 0, { first: n, last: n, from: at, to: at });
    this.#join(next);
  }

  /** Holes below the first number, between the numbers, and up to the number that is known to be the last. */
  holes(end: number, endedAt: number): Hole[] {
    const holes: Hole[] = [];
    let [expected, after] = [1, -Infinity];
    for (const { first, last, from, to } of this.#runs) {
      if (first > expected) holes.push({ first: expected, last: first - 1, after, before: from });
      [expected, after] = [last + 1, to];
    }
    if (end >= expected) holes.push({ first: expected, last: end, after, before: endedAt });
    return holes;
  }

  /** Two runs that have grown together, around a place, become one. */
  #join(at: number): void {
    const [one, other] = [this.#runs[at - 1], this.#runs[at]];
    const next = this.#runs[at + 1];
    if (other && next && other.last + 1 >= next.first) this.#merge(at);
    if (one && other && one.last + 1 >= other.first) this.#merge(at - 1);
  }

  #merge(at: number): void {
    const [one, other] = [this.#runs[at], this.#runs[at + 1]];
    if (one === undefined || other === undefined) return;
    one.last = Math.max(one.last, other.last);
    one.to = other.to;
    this.#runs.splice(at + 1, 1);
  }
}

function extend(run: Run, n: number, at: number): void {
  if (n <= run.last) return;
  run.last = n;
  run.to = at;
}
