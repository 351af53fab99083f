import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { closedHours, type Hours } from './hours.js';

const DAY_MS = 86_400_000;
const USUAL: Hours = { opens: '08:00', closes: '18:00' };

function closed(from: string, to: string, timeZone: string, hours: Hours = USUAL): string[] {
  const span = [Date.parse(from), Date.parse(to)] as const;
  return closedHours({ span, timeZone, trailZone: 'UTC' }, hours).map((one) =>
    one.map((at) => new Date(at).toISOString().slice(0, 16)).join(' to '),
  );
}

/** What the clock on the wall shows. */
function clockAt(at: number, timeZone: string): string {
  return new Date(at).toLocaleTimeString('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' });
}

describe('the hours in which a place is closed', () => {
  it('are the nights, cut to the window', () => {
    expect(closed('2026-03-10T12:00Z', '2026-03-12T20:00Z', 'UTC')).toEqual([
      '2026-03-10T18:00 to 2026-03-11T08:00',
      '2026-03-11T18:00 to 2026-03-12T08:00',
      '2026-03-12T18:00 to 2026-03-12T20:00',
    ]);
  });

  it('are those of the clinic and not of the server, in a zone of half an hour too', () => {
    expect(closed('2026-03-10T00:00Z', '2026-03-11T00:00Z', 'Asia/Kolkata')).toEqual([
      '2026-03-10T00:00 to 2026-03-10T02:30',
      '2026-03-10T12:30 to 2026-03-11T00:00',
    ]);
  });

  it('go by the clock on the days it is changed: an hour shorter in spring, an hour longer in autumn', () => {
    expect(closed('2026-03-28T12:00Z', '2026-03-29T12:00Z', 'Europe/Berlin')).toEqual([
      '2026-03-28T17:00 to 2026-03-29T06:00',
    ]);
    expect(closed('2026-10-24T12:00Z', '2026-10-25T12:00Z', 'Europe/Berlin')).toEqual([
      '2026-10-24T16:00 to 2026-10-25T07:00',
    ]);
    expect(closed('2026-04-04T12:00Z', '2026-04-05T02:00Z', 'Australia/Lord_Howe')).toEqual([
      '2026-04-04T12:00 to 2026-04-04T21:30',
    ]);
  });

  it('end with the change of the clock where the hour of opening is left out, and with its first coming where it comes twice', () => {
    const early = { opens: '02:30', closes: '18:00' };
    expect(closed('2026-03-28T20:00Z', '2026-03-29T12:00Z', 'Europe/Berlin', early)).toEqual([
      '2026-03-28T20:00 to 2026-03-29T01:00',
    ]);
    expect(closed('2026-10-24T20:00Z', '2026-10-25T12:00Z', 'Europe/Berlin', early)).toEqual([
      '2026-10-24T20:00 to 2026-10-25T00:30',
    ]);
  });

  it('are the days of a place that is open at night', () => {
    expect(
      closed('2026-03-10T00:00Z', '2026-03-11T00:00Z', 'UTC', { opens: '20:00', closes: '06:00' }),
    ).toEqual(['2026-03-10T06:00 to 2026-03-10T20:00']);
  });

  it('hold a moment just when the clock on the wall says so', () => {
    const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Sydney'].concat(
      'Pacific/Apia',
      'America/St_Johns',
    );
    const year = Date.parse('2026-01-01T00:00Z');
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: 0, max: 365 * 24 * 4 }),
        fc.integer({ min: 1, max: 20 }),
        (timeZone, quarter, days) => {
          const at = year + quarter * 15 * 60_000;
          const span = [at - days * DAY_MS, at + DAY_MS] as const;
          const isIn = closedHours({ span, timeZone, trailZone: 'UTC' }, USUAL).some(
            ([from, to]) => at >= from && at < to,
          );
          const clock = clockAt(at, timeZone);
          expect([clock, isIn]).toEqual([clock, clock < '08:00' || clock >= '18:00']);
        },
      ),
      { numRuns: 500 },
    );
  });
});
