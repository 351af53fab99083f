import { describe, expect, it } from 'vitest';

import { Gaps } from './gaps.js';

describe('gaps', () => {
  it('are counted by reason and process, with the runs of numbers that are missing', () => {
    const gaps = new Gaps();
    for (const n of [4, 5, 6, 9]) gaps.add('no_room', { id: 'a', n });
    gaps.add('no_room', { id: 'b', n: 1 });
    gaps.add('refused', { id: 'a', n: 7 });
    gaps.add('damaged', undefined, 3);
    expect(gaps.take()).toEqual([
      {
        reason: 'no_room',
        process: 'a',
        count: 4,
        numbers: [
          [4, 6],
          [9, 9],
        ],
      },
      { reason: 'no_room', process: 'b', count: 1, numbers: [[1, 1]] },
      { reason: 'refused', process: 'a', count: 1, numbers: [[7, 7]] },
      { reason: 'damaged', process: undefined, count: 3, numbers: [] },
    ]);
    expect(gaps.isEmpty).toBe(true);
  });

  it('that could not be told are told with what came after', () => {
    const gaps = new Gaps();
    gaps.add('no_room', { id: 'a', n: 1 });
    const [gap] = gaps.take();
    gaps.add('no_room', { id: 'a', n: 2 });
    gaps.putBack(gap!);
    expect(gaps.take()).toEqual([
      {
        reason: 'no_room',
        process: 'a',
        count: 2,
        numbers: [
          [1, 1],
          [2, 2],
        ],
      },
    ]);
  });

  it('hold a bounded list of runs, however scattered the numbers are, and lose no count', () => {
    const gaps = new Gaps();
    for (let n = 1; n <= 10_000; n += 2) gaps.add('no_room', { id: 'a', n });
    const [gap] = gaps.take();
    expect(gap?.count).toBe(5_000);
    expect(gap?.numbers).toHaveLength(200);
    expect([gap?.numbers[0], gap?.numbers.at(-1)?.[1]]).toEqual([[1, 1], 9_999]);
  });

  it('say when there is something to tell', () => {
    let told = 0;
    new Gaps(() => (told += 1)).add('outbox');
    expect(told).toBe(1);
  });
});
