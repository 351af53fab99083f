import { floorId, timeOf } from '../event/id.js';
import type { EventConditions } from '../stores/query.js';
import { addDays, startOfDay, today } from './days.js';
import { invalid } from './filter-values.js';

/** How long each stretch of a histogram is. */
export const INTERVALS = ['quarter', 'hour', 'day', 'week', 'month'] as const;
export type Interval = (typeof INTERVALS)[number];

/** More would be more than anybody sees, and each is a question of its own. */
const MOST = 750;
const [QUARTER_MS, HOUR_MS, DAY_MS] = [900_000, 3_600_000, 86_400_000];
const DAYS_BY_DEFAULT = 30;
/** Stretches that are chosen for, when nobody says how long they are to be. */
const ENOUGH = 100;
const LENGTH_MS: Readonly<Record<Interval, number>> = {
  quarter: QUARTER_MS,
  hour: HOUR_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 30 * DAY_MS,
};

export interface Stretches {
  readonly interval: Interval;
  /** Where each begins, in milliseconds, and where the last ends. */
  readonly bounds: readonly number[];
}

/**
 * The stretches of time that a question is about, as the clocks of a zone have them: the first begins where its day,
 * week or month does. Without a beginning they are those of the last thirty days, without an end they go on until now.
 */
export function stretchesOf(
  { fromId, toId }: EventConditions,
  {
    interval,
    timeZone,
    now,
  }: { readonly interval: Interval | undefined; readonly timeZone: string; readonly now: number },
): Stretches {
  const end = toId === undefined ? now + 1 : timeOf(toId);
  const from = fromId === undefined ? end - DAYS_BY_DEFAULT * DAY_MS : timeOf(fromId);
  const chosen = interval ?? INTERVALS.find((one) => (end - from) / LENGTH_MS[one] <= ENOUGH) ?? 'month';
  const count = (end - from) / LENGTH_MS[chosen];
  if (count > MOST)
    throw invalid(
      'interval',
      `is ${chosen}, of which there are ${Math.ceil(count)}`,
      `take a longer one, or a shorter time: ${MOST} are told at most`,
    );
  return { interval: chosen, bounds: boundsOf(from, end, chosen, timeZone) };
}

/** The ids that the stretches of a question lie between: nothing before its beginning, nothing behind its end. */
export function idBounds({ bounds }: Stretches): string[] {
  return bounds.map((ms) => floorId(ms));
}

function boundsOf(from: number, end: number, interval: Interval, timeZone: string): number[] {
  const first = today(from, timeZone);
  const bounds: number[] = [];
  if (interval === 'quarter' || interval === 'hour') {
    const [start, length] = [startOfDay(first, timeZone), LENGTH_MS[interval]];
    let at = start + Math.floor((from - start) / length) * length;
    for (; at < end; at += length) bounds.push(at);
    return [...bounds, at];
  }
  let day = beginningOf(first, interval);
  for (; startOfDay(day, timeZone) < end; day = nextOf(day, interval)) bounds.push(startOfDay(day, timeZone));
  return [...bounds, startOfDay(day, timeZone)];
}

function beginningOf(day: string, interval: Interval): string {
  if (interval === 'month') return `${day.slice(0, -2)}01`;
  return interval === 'week' ? addDays(day, -weekdayOf(day)) : day;
}

function nextOf(day: string, interval: Interval): string {
  if (interval === 'month') return beginningOf(addDays(day, 31), 'month');
  return addDays(day, interval === 'week' ? 7 : 1);
}

/** Weeks begin with Monday. */
function weekdayOf(day: string): number {
  return (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
}
