import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { floorId } from '../event/id.js';
import { startOfDay, today } from './days.js';
import { INTERVALS, stretchesOf } from './stretches.js';

const NOW = Date.parse('2026-03-30T15:09:26.535Z');
const ZONES = ['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/St_Johns'];
const DAY_MS = 86_400_000;

function starts(
  from: string,
  to: string,
  interval: (typeof INTERVALS)[number] | undefined,
  timeZone = 'UTC',
): string[] {
  const where = { fromId: floorId(Date.parse(from)), toId: floorId(Date.parse(to)) };
  const { bounds } = stretchesOf(where, { interval, timeZone, now: NOW });
  return bounds.map((ms) => new Date(ms).toISOString().replace(/:\d\d\.\d+Z/, 'Z'));
}

describe('the stretches of a histogram', () => {
  it('begin where their day, week or month does, by the clocks of the zone', () => {
    const [from, to] = ['2026-03-28T10:20:00Z', '2026-03-30T10:20:00Z'];
    expect(starts(from, to, 'day', 'Europe/Berlin')).toEqual([
      '2026-03-27T23:00Z',
      '2026-03-28T23:00Z',
      '2026-03-29T22:00Z',
      '2026-03-30T22:00Z',
    ]);
    expect(starts(from, to, 'week')).toEqual(['2026-03-23T00:00Z', '2026-03-30T00:00Z', '2026-04-06T00:00Z']);
    expect(starts('2026-01-31T00:00:00Z', '2026-03-01T00:00:00Z', 'month')).toEqual([
      '2026-01-01T00:00Z',
      '2026-02-01T00:00Z',
      '2026-03-01T00:00Z',
    ]);
    expect(starts('2026-03-28T10:20:00Z', '2026-03-28T11:31:00Z', 'hour', 'Asia/Kathmandu')).toEqual([
      '2026-03-28T10:15Z',
      '2026-03-28T11:15Z',
      '2026-03-28T12:15Z',
    ]);
  });

  it('are as long as suits the time, when nobody says how long', () => {
    const of = (days: number): string => {
      const where = { fromId: floorId(NOW - days * DAY_MS) };
      return stretchesOf(where, { interval: undefined, timeZone: 'UTC', now: NOW }).interval;
    };
    expect([1, 4, 30, 365, 4_000].map(of)).toEqual(['quarter', 'hour', 'day', 'week', 'month']);
  });

  it('are the last thirty days where no time is named', () => {
    const { bounds, interval } = stretchesOf({}, { interval: undefined, timeZone: 'UTC', now: NOW });
    expect([interval, bounds.length]).toEqual(['day', 32]);
    expect(bounds.at(-1)).toBe(Date.parse('2026-03-31T00:00:00Z'));
  });

  it('are refused where there would be too many', () => {
    expect(() => starts('2026-01-01T00:00:00Z', '2026-03-01T00:00:00Z', 'quarter')).toThrow(
      /interval is quarter, of which there are 5664; take a longer one/,
    );
  });

  it('follow one another without a gap, from before the beginning to the end or behind it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: Date.parse('2025-01-01'), max: Date.parse('2027-01-01') }),
        fc.integer({ min: 1, max: 7 * DAY_MS }),
        fc.constantFrom(...ZONES),
        fc.constantFrom(...INTERVALS),
        (from, length, timeZone, interval) => {
          const where = { fromId: floorId(from), toId: floorId(from + length) };
          const { bounds } = stretchesOf(where, { interval, timeZone, now: NOW });
          expect(bounds).toEqual([...new Set(bounds)].toSorted((a, b) => a - b));
          expect(bounds[0]).toBeLessThanOrEqual(from);
          expect(bounds.at(-1)).toBeGreaterThanOrEqual(from + length);
          expect(bounds.at(-2)).toBeLessThan(from + length);
          const midnights = bounds.map((ms) => startOfDay(today(ms, timeZone), timeZone));
          expect(interval === 'quarter' || interval === 'hour' ? bounds : midnights).toEqual(bounds);
        },
      ),
    );
  });
});
