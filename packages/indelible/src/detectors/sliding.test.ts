import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type Run, Sliding } from './sliding.js';

interface Act {
  readonly at: number;
  readonly count: number;
}

/** What a person would do: look at every stretch there is, and join those that have an act in common. */
function naive(
  acts: readonly Act[],
  withinMs: number,
  least: number,
): { count: number; first: number; last: number }[] {
  const groups: Set<Act>[] = [];
  for (const end of acts) {
    const stretch = acts.filter(({ at }) => at <= end.at && end.at - at < withinMs);
    if (sum(stretch) < least) continue;
    const joined = new Set(stretch);
    for (const group of groups.filter((one) => stretch.some((act) => one.has(act)))) {
      for (const act of group) joined.add(act);
      groups.splice(groups.indexOf(group), 1);
    }
    groups.push(joined);
  }
  return groups
    .map((group) => {
      const times = [...group].map(({ at }) => at);
      return { count: sum([...group]), first: Math.min(...times), last: Math.max(...times) };
    })
    .toSorted((one, other) => one.first - other.first);
}

function sum(acts: readonly Act[]): number {
  return acts.reduce((total, { count }) => total + count, 0);
}

function peakOf(acts: readonly Act[], withinMs: number): number {
  return Math.max(
    0,
    ...acts.map((end) => sum(acts.filter(({ at }) => at <= end.at && end.at - at < withinMs))),
  );
}

function runsOf(acts: readonly Act[], withinMs: number, [least, most]: readonly [number, number]): Run[] {
  const sliding = new Sliding(withinMs, least, most);
  acts.forEach(({ at, count }, n) => sliding.see(String(n), at, count));
  return sliding.runs.toSorted((one, other) => one.first - other.first);
}

const ACTS = fc.array(
  fc.record({ at: fc.integer({ min: 0, max: 120 }), count: fc.integer({ min: 1, max: 4 }) }),
  {
    maxLength: 60,
  },
);
const THRESHOLDS = fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: 8 }));

describe('a sliding window', () => {
  it('finds what looking at every stretch of time finds, read forwards or backwards', () => {
    fc.assert(
      fc.property(ACTS, fc.integer({ min: 1, max: 40 }), THRESHOLDS, (given, withinMs, [least, more]) => {
        const acts = given.toSorted((one, other) => one.at - other.at);
        const steps = [least, least + more] as const;
        const expected = naive(acts, withinMs, least);
        for (const order of [acts, acts.toReversed()]) {
          const runs = runsOf(order, withinMs, steps);
          expect(runs.map(({ count, first, last }) => ({ count, first, last }))).toEqual(expected);
          const isHigh = peakOf(acts, withinMs) >= steps[1] && expected.length > 0;
          expect(runs.some(({ peak }) => peak >= steps[1])).toBe(isHigh);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('does not count what came exactly as long before as the stretch is', () => {
    const acts = [0, 10, 20, 100].map((at) => ({ at, count: 1 }));
    expect(runsOf(acts, 100, [4, 4])).toEqual([]);
    expect(runsOf(acts, 101, [4, 4])).toMatchObject([{ count: 4, first: 0, last: 100 }]);
  });

  it('names 500 events of a flood and counts them all', () => {
    const acts = Array.from({ length: 20_000 }, (_, at) => ({ at, count: 2 }));
    const [run, ...others] = runsOf(acts, 1_000_000, [5, 10]);
    expect(others).toEqual([]);
    expect([run?.count, run?.events.length, run?.last]).toEqual([40_000, 500, 19_999]);
  });
});
