import { describe, expect, it } from 'vitest';

import { floorId, IdGenerator, isId, timeOf } from './id.js';

const NOON = Date.UTC(2026, 2, 14, 12);

function idsAt(times: readonly number[], onJump?: (backwardsMs: number) => void): string[] {
  const clock = [...times];
  const ids = new IdGenerator(() => clock.shift() ?? NOON, onJump);
  return times.map(() => ids.next());
}

/** The index of the first id that is not greater than the one before it; -1 when all of them are. */
function firstStepBack(count: number, next: () => string): number {
  let last = '';
  for (let i = 0; i < count; i += 1) {
    const id = next();
    if (id <= last) return i;
    last = id;
  }
  return -1;
}

describe('IdGenerator', () => {
  it('makes UUIDs of version 7 and variant 10', () => {
    const ids = new IdGenerator();
    for (let i = 0; i < 10_000; i += 1) {
      expect(ids.next()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  it('puts the millisecond of the clock into the first 48 bits', () => {
    expect(idsAt([NOON, NOON + 1, NOON + 90_000]).map(timeOf)).toEqual([NOON, NOON + 1, NOON + 90_000]);
    expect(idsAt([0x0123456789ab])[0]).toMatch(/^01234567-89ab-7/);
    expect(idsAt([1])[0]).toMatch(/^00000000-0001-7/);
  });

  it('only ever grows, over 10 million ids', () => {
    const ids = new IdGenerator();
    const began = process.hrtime.bigint();
    expect(firstStepBack(10_000_000, () => ids.next())).toBe(-1);
    const nanoseconds = Number(process.hrtime.bigint() - began) / 10_000_000;
    console.info(`IdGenerator.next: ${nanoseconds.toFixed(0)} ns an id, compared with the one before it`);
  }, 60_000);

  it('goes on into the next millisecond when the numbers of one are used up under a clock that stands still', () => {
    const ids = new IdGenerator(() => NOON);
    const first = ids.next();
    // Half of 24 bits is left at the least, and all of them at the most.
    expect(firstStepBack(2 ** 24 + 1, () => ids.next())).toBe(-1);
    const last = ids.next();
    expect(timeOf(first)).toBe(NOON);
    expect(timeOf(last)).toBeGreaterThan(NOON);
    expect(timeOf(last)).toBeLessThanOrEqual(NOON + 3);
  }, 60_000);

  it('has room for eight million ids in every millisecond', () => {
    const ids = new IdGenerator(() => NOON);
    let last = '';
    for (let i = 0; i < 2 ** 23; i += 1) last = ids.next();
    expect(timeOf(last)).toBe(NOON);
  }, 60_000);

  it('holds the last millisecond while the clock is up to ten seconds behind it', () => {
    const jumps: number[] = [];
    const ids = idsAt([NOON, NOON - 1, NOON - 500, NOON - 10_000, NOON + 1], (ms) => jumps.push(ms));
    expect(ids).toEqual([...ids].sort());
    expect(ids.map(timeOf)).toEqual([NOON, NOON, NOON, NOON, NOON + 1]);
    expect(jumps).toEqual([]);
  });

  it('follows a clock that was set back by an hour, and tells by how much', () => {
    const jumps: number[] = [];
    const hour = 3_600_000;
    const ids = idsAt([NOON, NOON - hour, NOON - hour, NOON - hour + 1], (ms) => jumps.push(ms));
    expect(ids.map(timeOf)).toEqual([NOON, NOON - hour, NOON - hour, NOON - hour + 1]);
    expect(ids.slice(1)).toEqual(ids.slice(1).sort());
    expect(jumps).toEqual([hour]);
  });

  it('has already followed the clock when it tells of a jump, so that whoever is told may take ids', () => {
    const early = NOON - 3_600_000;
    const clock = [NOON];
    const taken: string[] = [];
    const ids: IdGenerator = new IdGenerator(
      () => clock.shift() ?? early,
      () => taken.push(ids.next(), ids.next()),
    );
    ids.next();
    taken.push(ids.next());
    expect(taken.map(timeOf)).toEqual([early, early, early]);
    expect(taken).toEqual([...new Set(taken)].sort());
  });

  it('never makes the id of another generator that runs on the same clock', () => {
    const made = new Set<string>();
    for (let i = 0; i < 200; i += 1) {
      const ids = new IdGenerator(() => NOON);
      for (let n = 0; n < 500; n += 1) made.add(ids.next());
    }
    expect(made.size).toBe(100_000);
  });

  it('begins every millisecond at another number, in the lower half', () => {
    const counters = Array.from({ length: 500 }, () => {
      const id = new IdGenerator(() => NOON).next();
      return Number.parseInt(id.slice(15, 18) + id.slice(20, 23), 16);
    });
    expect(new Set(counters).size).toBeGreaterThan(450);
    expect(Math.max(...counters)).toBeLessThan(2 ** 23);
    expect(Math.max(...counters)).toBeGreaterThan(2 ** 22);
  });

  it('ends every id in 48 bits that do not repeat', () => {
    const ids = new IdGenerator(() => NOON);
    expect(new Set(Array.from({ length: 50_000 }, () => ids.next().slice(24))).size).toBe(50_000);
  });
});

describe('isId', () => {
  it('knows its own, in lower case only', () => {
    const id = new IdGenerator().next();
    expect(isId(id)).toBe(true);
    expect(isId('0195f0a3-7c00-7abc-8abc-00000000000A')).toBe(false);
  });

  it.each([
    '',
    'x',
    '0195f0a3-7c00-4abc-8abc-000000000000',
    '0195f0a3-7c00-7abc-7abc-000000000000',
    ' 0195f0a3-7c00-7abc-8abc-000000000000',
    '0195f0a3-7c00-7abc-8abc-000000000000\n',
    5,
    null,
    undefined,
    { toString: () => '0195f0a3-7c00-7abc-8abc-000000000000' },
  ])('refuses %j', (value) => {
    expect(isId(value)).toBe(false);
  });
});

describe('floorId', () => {
  it('is not above any id of its millisecond, and above every id of the one before', () => {
    const [before, within] = idsAt([NOON - 1, NOON]);
    expect(floorId(NOON) <= String(within)).toBe(true);
    expect(floorId(NOON) > String(before)).toBe(true);
    expect(timeOf(floorId(NOON))).toBe(NOON);
  });

  it('takes the millisecond that a fraction falls into', () => {
    expect(floorId(NOON + 0.9)).toBe(floorId(NOON));
  });

  it('stays within the bounds of 48 bits', () => {
    expect(floorId(-5)).toBe('00000000-0000-0000-0000-000000000000');
    expect(floorId(Number.NEGATIVE_INFINITY)).toBe('00000000-0000-0000-0000-000000000000');
    expect(floorId(Number.POSITIVE_INFINITY)).toBe('ffffffff-ffff-0000-0000-000000000000');
    expect(floorId(2 ** 60)).toBe('ffffffff-ffff-0000-0000-000000000000');
  });
});
