import { addDays, startOfDay, today } from '../trail/days.js';
import type { DetectionWindow, Span } from './detector.js';

/** When a place is open, by its own clock: from a time up to another, such as 08:00 and 18:00. */
export interface Hours {
  readonly opens: string;
  readonly closes: string;
}

const MINUTE_MS = 60_000;
const TIME = /^([01]\d|2[0-3]):([0-5]\d)$/;

const CLOCKS = new Map<string, Intl.DateTimeFormat>();

/** True for a time of day, such as 08:30. */
export function isTimeOfDay(text: unknown): text is string {
  return typeof text === 'string' && TIME.test(text);
}

/** The parts of a window in which a place is closed, the earliest first. */
export function closedHours({ span: [from, to], timeZone }: DetectionWindow, hours: Hours): Span[] {
  const closed: [number, number][] = [];
  const last = today(to, timeZone);
  for (let day = today(from, timeZone); day <= last; day = addDays(day, 1))
    for (const [begin, end] of closedOn(day, hours, timeZone)) {
      const [first, beyond] = [Math.max(begin, from), Math.min(end, to)];
      const before = closed.at(-1);
      if (first >= beyond) continue;
      if (before !== undefined && before[1] === first) before[1] = beyond;
      else closed.push([first, beyond]);
    }
  return closed;
}

/** Open over midnight when the hour it closes comes before the one it opens. */
function closedOn(day: string, { opens, closes }: Hours, timeZone: string): Span[] {
  const [begin, end] = [startOfDay(day, timeZone), startOfDay(addDays(day, 1), timeZone)];
  const [open, close] = [momentOf(day, opens, timeZone), momentOf(day, closes, timeZone)];
  if (opens > closes) return [[close, open]];
  return [
    [begin, open],
    [close, end],
  ];
}

/**
 * When the clock of a zone shows a time on a day: the first moment where it shows it twice, and the moment of the change
 * where it leaves it out.
 */
function momentOf(day: string, time: string, timeZone: string): number {
  const shown = Date.parse(`${day}T${time}:00Z`);
  const [begin, end] = [startOfDay(day, timeZone), startOfDay(addDays(day, 1), timeZone)];
  const candidates = [begin, end].map((at) => shown - aheadAt(at, timeZone));
  const found = candidates.find((at) => at >= begin && at < end && at + aheadAt(at, timeZone) === shown);
  return found ?? changeOf(begin, end, shown, timeZone);
}

/** The first minute of a day in which its clock has gone past a time. */
function changeOf(begin: number, end: number, shown: number, timeZone: string): number {
  let at = begin;
  while (at < end && at + aheadAt(at, timeZone) < shown) at += MINUTE_MS;
  return at;
}

/** How far a zone's clock is ahead of UTC, in milliseconds. */
function aheadAt(ms: number, timeZone: string): number {
  const whole = ms - (ms % 1_000);
  const parts: Record<string, string> = {};
  for (const { type, value } of clockOf(timeZone).formatToParts(whole)) parts[type] = value;
  const { year, month, day, hour, minute, second } = parts;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) - whole;
}

function clockOf(timeZone: string): Intl.DateTimeFormat {
  let clock = CLOCKS.get(timeZone);
  if (clock === undefined) {
    const two = '2-digit';
    clock = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: two,
      day: two,
      hour: two,
      minute: two,
      second: two,
    });
    if (CLOCKS.size >= 100) CLOCKS.clear();
    CLOCKS.set(timeZone, clock);
  }
  return clock;
}
