import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Tally } from './tally.js';

type Told = { text?: string; count?: number; others?: number };

function toldOf(tally: Tally): Told[] {
  return tally.told('text');
}

function sumOf(told: readonly Told[]): number {
  return told.reduce((sum, { count = 0, others = 0 }) => sum + count + others, 0);
}

describe('a tally', () => {
  it('tells twenty short texts apart and counts the rest', () => {
    const tally = new Tally();
    for (let n = 0; n < 20; n += 1) tally.add(`t${n}`, 2);
    tally.add('t0', 1);
    for (const odd of [undefined, {}, Symbol('x'), 'x'.repeat(201)]) tally.add(odd, 1);
    const told = toldOf(tally);
    expect(told).toHaveLength(21);
    expect([told[0], told.at(-1)]).toEqual([{ text: 't0', count: 3 }, { others: 1 }]);
  });

  it('P30: names what comes often, though there was no room left when it began', () => {
    const tally = new Tally();
    for (let n = 0; n < 20; n += 1) tally.add(`decoy${n}`, 50);
    for (let n = 0; n < 5_000; n += 1) {
      tally.add('chief', 1);
      tally.add(`junk${n}`, 1);
    }
    const told = toldOf(tally);
    expect(told).toHaveLength(21);
    expect(told.find(({ text }) => text === 'chief')?.count).toBeGreaterThan(4_500);
    expect(sumOf(told)).toBe(11_000);
  });

  it('has the room it is given', () => {
    const tally = new Tally(3);
    for (let n = 0; n < 5; n += 1) tally.add(n, 1);
    expect(toldOf(tally)).toEqual([
      { text: '2', count: 1 },
      { text: '3', count: 1 },
      { text: '4', count: 1 },
      { others: 2 },
    ]);
  });

  it('adds up, says of nothing more than has come, and names whatever has more than its share', () => {
    const coming = fc.array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 1, max: 9 })), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(coming, (all) => {
        const tally = new Tally(4);
        const came = new Map<string, number>();
        for (const [n, by] of all) {
          tally.add(n, by);
          came.set(`${n}`, (came.get(`${n}`) ?? 0) + by);
        }
        const told = toldOf(tally);
        const total = all.reduce((sum, [, by]) => sum + by, 0);
        expect(sumOf(told)).toBe(total);
        for (const { text = '', count = 0 } of told) expect(count).toBeLessThanOrEqual(came.get(text) ?? 0);
        const often = [...came].filter(([, times]) => times > total / 4).map(([text]) => text);
        expect(told.map(({ text }) => text)).toEqual(expect.arrayContaining(often));
      }),
    );
  });
});
