import { timeOf } from '../event/id.js';
import type { StoredEntry } from '../event/read.js';
import type { Tally, TallyKind } from './seal-log.js';

/** Every zone there is lies a whole number of quarters of an hour from UTC: its days begin where a quarter does. */
export const QUARTER_MS: number = 15 * 60_000;
export const DAY_MS: number = 96 * QUARTER_MS;
/** An id can name a later moment than RFC 3339 can write; no clock shows one. */
export const LAST_QUARTER: number = Date.parse('9999-12-31T23:45:00Z');

/**
 * What the entries are counted as. An event is one, also when it tells of many, and an event of several subjects is
 * one for each of them: whatever a question finds is what is counted. Of people there are so many that a quarter of
 * an hour seldom sees one twice, so they are counted by the days of UTC, each under its first quarter.
 */
export function talliesOf(entries: readonly StoredEntry[]): Tally[] {
  const groups = new Map<string, Group>();
  for (const entry of entries) {
    groupOf(entry, QUARTER_MS, groups).addDetails(entry);
    groupOf(entry, DAY_MS, groups).addPeople(entry);
  }
  return [...groups.values()].flatMap((group) => group.tallies());
}

/** The start of the quarter of an hour that the event's own time lies in. */
export function quarterOf(id: string): string {
  return startOf(id, QUARTER_MS);
}

function startOf(id: string, lengthMs: number): string {
  const quarter = Math.min(timeOf(id), LAST_QUARTER);
  return new Date(Math.floor(quarter / lengthMs) * lengthMs).toISOString();
}

function groupOf({ core }: StoredEntry, lengthMs: number, groups: Map<string, Group>): Group {
  const [quarter, tenantId] = [startOf(core.id, lengthMs), core.tenant_id ?? ''];
  const name = `${lengthMs} ${quarter} ${tenantId}`;
  const known = groups.get(name);
  if (known !== undefined) return known;
  const group = new Group(quarter, tenantId);
  groups.set(name, group);
  return group;
}

/** The events of one tenant in one quarter of an hour, or in one day. */
class Group {
  readonly #quarter: string;
  readonly #tenantId: string;
  readonly #counts = new Map<TallyKind, Map<string, number>>();

  constructor(quarter: string, tenantId: string) {
    this.#quarter = quarter;
    this.#tenantId = tenantId;
  }

  addDetails({ core, search }: StoredEntry): void {
    this.#count('total', '');
    this.#count('action', core.action);
    this.#count('outcome', core.outcome);
    this.#count('model', core.target?.type);
    this.#count('role', search.role);
  }

  addPeople({ core, search }: StoredEntry): void {
    this.#count('actor', core.actor.id);
    for (const subject of new Set([core.subject_id, ...(search.subjects ?? [])]))
      this.#count('subject', subject);
  }

  tallies(): Tally[] {
    const [quarter, tenantId] = [this.#quarter, this.#tenantId];
    return [...this.#counts].flatMap(([kind, counts]) =>
      [...counts].map(([value, count]) => ({ quarter, tenantId, kind, value, count })),
    );
  }

  #count(kind: TallyKind, value: string | undefined): void {
    if (value === undefined) return;
    let counts = this.#counts.get(kind);
    if (counts === undefined) this.#counts.set(kind, (counts = new Map<string, number>()));
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
}
