import { timeOf } from '../event/id.js';
import type { Tally, TallyKind, UnsealedEntry } from './seal-log.js';

/** Every zone there is lies a whole number of quarters of an hour from UTC: its days begin where a quarter does. */
export const QUARTER_MS: number = 15 * 60_000;
export const DAY_MS: number = 96 * QUARTER_MS;
/** An id can name a later moment than RFC 3339 can write; no clock shows one. */
export const LAST_QUARTER: number = Date.parse('9999-12-31T23:45:00Z');

/** What the entries are counted as. */
export function talliesOf(entries: readonly UnsealedEntry[]): Tally[] {
  const counting = new Counting();
  for (const entry of entries) counting.add(entry);
  return counting.tallies();
}

/**
 * Counts entries. An event is one, also when it tells of many. How many there are in all is kept by the quarter of an
 * hour, from which the days of every zone can be added up; what they are is kept by the days of UTC, each under its
 * first quarter, since most quarters of most tenants would have a row for each event.
 */
export class Counting {
  readonly #quarters = new Map<number, Map<string, number>>();
  readonly #days = new Map<number, Map<string, Day>>();

  add({ core, search }: UnsealedEntry): void {
    const [time, tenantId] = [Math.min(timeOf(core.id), LAST_QUARTER), core.tenant_id ?? ''];
    increase(madeOnce(this.#quarters, floor(time, QUARTER_MS), newCounts), tenantId);
    const tenants = madeOnce(this.#days, floor(time, DAY_MS), newDays);
    madeOnce(tenants, tenantId, newDay).add(core, search.role);
  }

  tallies(): Tally[] {
    return [...totalsOf(this.#quarters), ...kindsOf(this.#days)];
  }
}

/** The start of the quarter of an hour that the event's own time lies in. */
export function quarterOf(id: string): string {
  return timeText(floor(Math.min(timeOf(id), LAST_QUARTER), QUARTER_MS));
}

/** What the events of one tenant in one day are. */
class Day {
  readonly counts: Readonly<Record<Exclude<TallyKind, 'total'>, Map<string, number>>> = {
    action: newCounts(),
    outcome: newCounts(),
    model: newCounts(),
    role: newCounts(),
    actor: newCounts(),
  };

  add({ action, outcome, target, actor }: UnsealedEntry['core'], role: string | undefined): void {
    const { counts } = this;
    increase(counts.action, action);
    increase(counts.outcome, outcome);
    if (target !== undefined) increase(counts.model, target.type);
    if (role !== undefined) increase(counts.role, role);
    if (actor.id !== undefined) increase(counts.actor, actor.id);
  }
}

function* totalsOf(quarters: ReadonlyMap<number, ReadonlyMap<string, number>>): Generator<Tally> {
  for (const [start, tenants] of quarters)
    for (const [tenantId, count] of tenants)
      yield { quarter: timeText(start), tenantId, kind: 'total', value: '', count };
}

function* kindsOf(days: ReadonlyMap<number, ReadonlyMap<string, Day>>): Generator<Tally> {
  for (const [start, tenants] of days)
    for (const [tenantId, { counts }] of tenants)
      for (const [kind, values] of Object.entries(counts) as [TallyKind, Map<string, number>][])
        for (const [value, count] of values) yield { quarter: timeText(start), tenantId, kind, value, count };
}

function madeOnce<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

function newCounts(): Map<string, number> {
  return new Map();
}

function newDays(): Map<string, Day> {
  return new Map();
}

function newDay(): Day {
  return new Day();
}

function increase(counts: Map<string, number>, value: string): void {
  counts.set(value, (counts.get(value) ?? 0) + 1);
}

function floor(time: number, lengthMs: number): number {
  return time - (time % lengthMs);
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
