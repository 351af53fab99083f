import { floorId, timeOf } from '../../event/id.js';
import type { EventConditions, SummaryQuery } from '../query.js';
import { DAY_MS, LAST_QUARTER, QUARTER_MS } from '../tallies.js';

/** From one moment or id up to another, which is no part of it. */
export type Range<T> = readonly [from: T, to: T];

/** The time of a summary that the tallies can answer for. */
export interface Span {
  readonly ids: Range<string>;
  /** In milliseconds; each begins and ends with a quarter of an hour, by which events are counted. */
  readonly days: readonly Range<number>[];
  /** The days of UTC that lie in it whole, by which is counted what events are. */
  readonly daysOfUtc: Range<number>;
  /** What is left of it before and behind those: less than a day on either side. */
  readonly edges: readonly Range<string>[];
}

/** Undefined for a question that has more conditions than its time, or begins or ends within a quarter of an hour. */
export function spanOf({ where, dayBounds }: SummaryQuery): Span | undefined {
  const bounds = dayBounds.map((bound) => within(where, bound));
  const [from, to] = [bounds[0], bounds.at(-1)];
  if (from === undefined || to === undefined || !isTimeOnly(where) || !bounds.every(isQuarter))
    return undefined;
  const whole = [timeOf(from), timeOf(to)] as const;
  const daysOfUtc = wholeDays(whole);
  const days = bounds.slice(1).map((end, n) => [timeOf(bounds[n] ?? end), timeOf(end)] as const);
  return { ids: [from, to], days, daysOfUtc, edges: around(whole, daysOfUtc) };
}

function isTimeOnly(where: EventConditions): boolean {
  const others = Object.values({ ...where, fromId: undefined, toId: undefined });
  return others.every((asked) => asked === undefined);
}

function within({ fromId = '', toId }: EventConditions, bound: string): string {
  const least = bound < fromId ? fromId : bound;
  return toId !== undefined && least > toId ? toId : least;
}

/** What no text can name is counted in the last quarter there is, which is not asked for therefore. */
function isQuarter(id: string): boolean {
  const time = timeOf(id);
  return time % QUARTER_MS === 0 && time <= LAST_QUARTER && id === floorId(time);
}

/** Nowhere when there is none. */
function wholeDays([from, to]: Range<number>): Range<number> {
  const first = Math.ceil(from / DAY_MS) * DAY_MS;
  return [first, Math.max(Math.floor(to / DAY_MS) * DAY_MS, first)];
}

function around([from, to]: Range<number>, [first, end]: Range<number>): Range<string>[] {
  const edges: Range<number>[] =
    first < end
      ? [
          [from, first],
          [end, to],
        ]
      : [[from, to]];
  return edges.filter(([a, b]) => a < b).map(([a, b]) => [floorId(a), floorId(b)]);
}
