import { describe, expect, it } from 'vitest';

import { floorId } from '../event/id.js';
import { Chance } from '../testing/contract/sample.js';
import { addDays, dayBounds, isDate, isTimeZone, startOfDay, today } from './days.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const ZONES = Intl.supportedValuesOf('timeZone');

/** What the clocks of a place show, by another way than the one under test. */
class Calendar {
  readonly #format: Intl.DateTimeFormat;

  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-u-hc-h23', {
      timeZone,
      dateStyle: 'short',
      timeStyle: 'medium',
    });
  }

  dayOf(ms: number): string {
    const parts = this.#format.formatToParts(ms).map(({ type, value }) => [type, value.padStart(2, '0')]);
    const { year = '', month, day } = Object.fromEntries(parts) as Record<string, string>;
    // Years have two digits in this form; all that are asked for lie in 1970 to 2069.
    return `${Number(year) < 70 ? 20 : 19}${year.slice(-2)}-${month}-${day}`;
  }

  /** The first second that is in the day or behind it, found by looking at every minute. */
  startOf(day: string): number {
    const noon = Date.parse(`${day}T12:00:00Z`);
    let ms = noon - 30 * HOUR_MS;
    while (this.dayOf(ms) < day) ms += MINUTE_MS;
    while (this.dayOf(ms - 1_000) >= day) ms -= 1_000;
    return ms;
  }

  /** A day of the year on which the clocks are changed, if there is one. */
  changeIn(year: number): string | undefined {
    const first = Date.UTC(year, 0, 1, 12);
    const days = Array.from({ length: 365 }, (_, day) => first + day * 24 * HOUR_MS);
    const timeAt = (ms: number): string => this.#format.format(ms).split(', ')[1] ?? '';
    const before = days.find((ms) => timeAt(ms) !== timeAt(ms + 24 * HOUR_MS));
    return before === undefined ? undefined : this.dayOf(before + 24 * HOUR_MS);
  }
}

describe('the start of a day', () => {
  it.each([
    ['a day in UTC', '2026-03-14', 'UTC', '2026-03-14T00:00:00.000Z'],
    ['half hours', '2026-03-14', 'Asia/Kolkata', '2026-03-13T18:30:00.000Z'],
    ['three quarters of an hour', '2026-03-14', 'Asia/Kathmandu', '2026-03-13T18:15:00.000Z'],
    ['the day clocks go forward', '2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00.000Z'],
    ['the day after it', '2026-03-30', 'Europe/Berlin', '2026-03-29T22:00:00.000Z'],
    ['the day clocks go back', '2026-10-25', 'Europe/Berlin', '2026-10-24T22:00:00.000Z'],
    ['the day after that', '2026-10-26', 'Europe/Berlin', '2026-10-25T23:00:00.000Z'],
    ['a midnight that is left out', '2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
    ['a midnight that is reached once', '2018-02-18', 'America/Sao_Paulo', '2018-02-18T03:00:00.000Z'],
    ['a midnight that comes twice', '2006-10-29', 'America/St_Johns', '2006-10-29T02:30:00.000Z'],
    ['a day that is left out', '2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
    ['the day after a missing one', '2011-12-31', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
    ['the furthest east', '2026-03-14', 'Pacific/Kiritimati', '2026-03-13T10:00:00.000Z'],
    ['the furthest west', '2026-03-14', 'Etc/GMT+12', '2026-03-14T12:00:00.000Z'],
    ['an offset with seconds', '1971-06-01', 'Africa/Monrovia', '1971-06-01T00:44:30.000Z'],
    ['the last day a text can name', '9999-12-31', 'Asia/Kolkata', '9999-12-30T18:30:00.000Z'],
  ])('is right for %s', (_, day, timeZone, expected) => {
    expect(new Date(startOfDay(day, timeZone)).toISOString()).toBe(expected);
  });

  it('is right beyond the year 9999, where the day after the last one begins', () => {
    expect(startOfDay(addDays('9999-12-31', 1), 'UTC')).toBe(Date.UTC(10_000, 0, 1));
  });

  it('is what looking at every minute of the calendar finds, on random days and on those of clock changes', () => {
    const chance = new Chance(45);
    for (let round = 0; round < 120; round += 1) {
      const zone = chance.pick(ZONES);
      const calendar = new Calendar(zone);
      const year = 1_971 + chance.below(66);
      const anyDay = addDays(`${year}-01-01`, chance.below(365));
      const day = round % 2 === 0 ? (calendar.changeIn(year) ?? anyDay) : anyDay;
      const found = new Date(startOfDay(day, zone)).toISOString();
      expect(`${zone} ${day} ${found}`).toBe(
        `${zone} ${day} ${new Date(calendar.startOf(day)).toISOString()}`,
      );
    }
  });

  it('is found for ten years of days in well under a second', () => {
    startOfDay('2026-01-01', 'Europe/Berlin');
    const started = performance.now();
    dayBounds('2026-12-31', 3_650, 'Europe/Berlin');
    expect(performance.now() - started).toBeLessThan(900);
  });
});

describe('today', () => {
  it.each([
    ['2026-03-14T18:29:59.999Z', 'Asia/Kolkata', '2026-03-14'],
    ['2026-03-14T18:30:00.000Z', 'Asia/Kolkata', '2026-03-15'],
    ['2026-03-29T21:59:59.999Z', 'Europe/Berlin', '2026-03-29'],
    ['2026-03-29T22:00:00.000Z', 'Europe/Berlin', '2026-03-30'],
    ['2011-12-30T09:59:59.999Z', 'Pacific/Apia', '2011-12-29'],
    ['2011-12-30T10:00:00.000Z', 'Pacific/Apia', '2011-12-31'],
  ])('of %s in %s is %s', (now, timeZone, day) => {
    expect(today(Date.parse(now), timeZone)).toBe(day);
  });

  it('is what the calendar of any zone shows at any moment', () => {
    const chance = new Chance(46);
    for (let round = 0; round < 1_000; round += 1) {
      const zone = chance.pick(ZONES);
      const now = Date.UTC(1_971, 0, 1) + chance.below(Date.UTC(2_037, 0, 1) - Date.UTC(1_971, 0, 1));
      expect(`${zone} ${today(now, zone)}`).toBe(`${zone} ${new Calendar(zone).dayOf(now)}`);
    }
  });
});

describe('a date', () => {
  it.each(['2026-03-14', '2024-02-29', '0001-01-01', '9999-12-31'])('is %s', (text) => {
    expect(isDate(text)).toBe(true);
  });

  it.each([
    '2026-02-29',
    '2026-02-30',
    '2026-13-01',
    '2026-00-10',
    '2026-01-32',
    '2026-1-1',
    '2026-03-14T00:00:00Z',
    ' 2026-03-14',
    '2026-03-14\n',
    '+02026-03-14',
    '２０２６-03-14',
    '',
  ])('is not %j, and asking does not throw', (text) => {
    expect(isDate(text)).toBe(false);
  });

  it('is counted on over months, leap days and years', () => {
    expect(addDays('2026-03-31', 1)).toBe('2026-04-01');
    expect(addDays('2024-02-28', 1)).toBe('2024-02-29');
    expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
    expect(addDays('2026-03-29', 0)).toBe('2026-03-29');
    expect(addDays('9999-12-31', 2)).toBe('+010000-01-02');
  });
});

describe('the bounds of days', () => {
  it('are the first ids of each day and the first id beyond the last, over a clock change', () => {
    expect(dayBounds('2026-03-30', 3, 'Europe/Berlin')).toEqual(
      ['2026-03-27T23:00Z', '2026-03-28T23:00Z', '2026-03-29T22:00Z', '2026-03-30T22:00Z'].map((time) =>
        floorId(Date.parse(time)),
      ),
    );
  });

  it('give a day that a zone leaves out no room', () => {
    const [before, missing, after] = dayBounds('2011-12-31', 3, 'Pacific/Apia');
    expect(missing).toBe(after);
    expect(before).not.toBe(missing);
  });
});

describe('the name of a time zone', () => {
  it.each(['UTC', 'Europe/Berlin', 'europe/berlin', 'Etc/GMT+12'])('may be %s', (name) => {
    expect(isTimeZone(name)).toBe(true);
  });

  it.each(['', 'Mars/Olympus', 'CET\u0000', '../../etc/passwd', '__proto__', 'Europe/Berlin '])(
    'may not be %j',
    (name) => {
      expect(isTimeZone(name)).toBe(false);
    },
  );
});
