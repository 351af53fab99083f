import type { Entry } from '../../event/entry.js';
import type { StoredEntry } from '../../event/read.js';
import type { EventQuery, SummaryQuery } from '../query.js';
import type {
  AppendResult,
  EntryPage,
  MigrationState,
  Position,
  Store,
  StoreFinding,
  Summary,
} from '../store.js';
import { isBetween, matches } from './match.js';

/** The trail in this process alone: for tests and trials. It is gone with the process, and says so. */
export class MemoryStore implements Store {
  readonly description = 'memory (gone when the process ends)';
  readonly #byId = new Map<string, StoredEntry>();

  async append(entries: readonly Entry[]): Promise<AppendResult> {
    const conflicts: string[] = [];
    for (const entry of entries) {
      const existing = this.#byId.get(entry.core.id);
      if (existing === undefined)
        this.#byId.set(entry.core.id, { ...entry, recordedAt: new Date().toISOString() });
      else if (existing.core.payload_digest !== entry.core.payload_digest) conflicts.push(entry.core.id);
    }
    return { conflicts };
  }

  async find(query: EventQuery): Promise<EntryPage> {
    const all = this.#matching(query);
    const behind = all.filter((entry) => isBehind(entry, query));
    const from = query.backwards ? Math.max(behind.length - query.limit, 0) : 0;
    const entries = behind.slice(from, from + query.limit);
    const first = entries[0];
    const last = entries.at(-1);
    return {
      entries,
      next: last && all.at(-1) !== last ? placeOf(query, last) : null,
      previous: first && all[0] !== first ? placeOf(query, first) : null,
    };
  }

  async count(query: EventQuery): Promise<number | null> {
    return this.#matching(query).length;
  }

  async get(id: string, tenantId: string | null): Promise<StoredEntry | undefined> {
    const entry = this.#byId.get(id);
    return tenantId === null || (entry?.core.tenant_id ?? '') === tenantId ? entry : undefined;
  }

  async *stream(query: EventQuery): AsyncIterable<StoredEntry> {
    yield* this.#matching(query);
  }

  async summarize(query: SummaryQuery): Promise<Summary> {
    const [first = '', ...rest] = query.dayBounds;
    const all = this.#matching({
      ...query,
      order: { column: 'timestamp', descending: true },
      limit: 0,
    }).filter((entry) => isBetween(entry.core.id, first, rest.at(-1) ?? ''));
    const byActor = Object.entries(tally(all, (entry) => entry.core.actor.id)).map(([id, count]) => ({
      id,
      count,
    }));
    return {
      total: all.length,
      byAction: tally(all, (entry) => entry.core.action),
      byRole: tally(all, (entry) => entry.search.role),
      byModel: tally(all, (entry) => entry.core.target?.type),
      byOutcome: tally(all, (entry) => entry.core.outcome),
      byActor: byActor.sort((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1)).slice(0, query.top),
      perDay: rest.map(
        (to, day) => all.filter((entry) => isBetween(entry.core.id, query.dayBounds[day] ?? '', to)).length,
      ),
    };
  }

  async migrate(): Promise<readonly MigrationState[]> {
    return [];
  }

  async migrations(): Promise<readonly MigrationState[]> {
    return [];
  }

  async check(): Promise<readonly StoreFinding[]> {
    return [
      {
        severity: 'warning',
        message: 'The trail is kept in memory: it is lost when the process ends. Use it for tests only.',
      },
    ];
  }

  async close(): Promise<void> {
    this.#byId.clear();
  }

  #matching(query: EventQuery): StoredEntry[] {
    const found = [...this.#byId.values()].filter((entry) => matches(entry, query));
    return found.sort(
      (a, b) => compare(placeOf(query, a), placeOf(query, b)) * (query.order.descending ? -1 : 1),
    );
  }
}

function placeOf({ order }: EventQuery, { core, search }: StoredEntry): Position {
  if (order.column === 'timestamp') return { value: core.id, id: core.id };
  return { value: order.column === 'action' ? core.action : (search.actorText ?? ''), id: core.id };
}

function compare(a: Position, b: Position): number {
  if (a.value !== b.value) return a.value < b.value ? -1 : 1;
  return a.id < b.id ? -1 : Number(a.id > b.id);
}

function isBehind(entry: StoredEntry, query: EventQuery): boolean {
  if (query.after === undefined) return true;
  const direction = query.order.descending === (query.backwards ?? false) ? 1 : -1;
  return compare(placeOf(query, entry), query.after) * direction > 0;
}

function tally(
  entries: readonly StoredEntry[],
  keyOf: (entry: StoredEntry) => string | undefined,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const entry of entries) {
    const key = keyOf(entry);
    if (key !== undefined) counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}
