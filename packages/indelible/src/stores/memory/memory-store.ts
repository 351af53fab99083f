import type { Entry } from '../../event/entry.js';
import { AuditError } from '../../event/errors.js';
import type { StoredEntry } from '../../event/read.js';
import { pageOf, placeOf } from '../place.js';
import type { EventQuery, FacetQuery, HistogramQuery, SummaryQuery } from '../query.js';
import type { Retention } from '../removal.js';
import type { Lag, LogHead, Pending, SealBatch, SealedLeaf, StoredCheckpoint } from '../seal-log.js';
import type {
  AppendResult,
  EntryPage,
  Facets,
  MigrationState,
  Position,
  Store,
  StoreFinding,
  Summary,
} from '../store.js';
import { matches } from './match.js';
import { MemorySealLog } from './memory-log.js';
import { MemoryRetention } from './memory-retention.js';
import { MemoryRows } from './memory-rows.js';
import type { Views } from '../views.js';
import { MemoryViews } from './memory-views.js';
import { facetsAmong, perStretch, summaryOf } from './tally.js';

const DIGEST = /^[0-9a-f]{64}$/;
const NEWEST_FIRST: EventQuery['order'] = { column: 'timestamp', descending: true };

/** The trail in this process alone: for tests and trials. It is gone with the process, and says so. */
export class MemoryStore implements Store {
  readonly isVolatile = true;
  readonly description = 'memory (gone when the process ends)';
  readonly retention: Retention = new MemoryRetention(() => this.#open());
  readonly views: Views = new MemoryViews(() => this.#open());
  readonly #log = new MemorySealLog(() => this.#open());
  #rows: MemoryRows | undefined;

  /** What the store is over can be given, so that it can be looked at without asking the store. */
  constructor(rows: MemoryRows = new MemoryRows()) {
    this.#rows = rows;
  }

  async append(entries: readonly Entry[]): Promise<AppendResult> {
    const rows = this.#open();
    for (const { core } of entries) if (!DIGEST.test(core.payload_digest)) throw refused(core.id);
    return { conflicts: entries.filter((entry) => !keep(rows, entry)).map(({ core }) => core.id) };
  }

  async find(query: EventQuery): Promise<EntryPage> {
    const behind = this.#matching(query).filter((entry) => isBehind(entry, query));
    const from = query.backwards ? Math.max(behind.length - query.limit, 0) : 0;
    const entries = behind.slice(from, from + query.limit);
    return pageOf(query, entries, behind.length > query.limit);
  }

  async count(query: EventQuery, budgetMs: number): Promise<number | null> {
    const started = performance.now();
    const count = this.#matching(query).length;
    return performance.now() - started > budgetMs ? null : count;
  }

  async get(id: string, tenantId: string | null): Promise<StoredEntry | undefined> {
    const entry = this.#open().events.get(id)?.entry;
    return tenantId === null || (entry?.core.tenant_id ?? '') === tenantId ? entry : undefined;
  }

  async *stream(query: EventQuery): AsyncIterable<StoredEntry> {
    yield* this.#matching(query);
  }

  async summarize(query: SummaryQuery): Promise<Summary> {
    return summaryOf(this.#matching({ ...query, order: NEWEST_FIRST, limit: 0 }), query);
  }

  async facets(query: FacetQuery): Promise<Facets> {
    return facetsAmong(this.#matching({ ...query, order: NEWEST_FIRST, limit: 0 }), query);
  }

  async histogram(query: HistogramQuery): Promise<readonly number[]> {
    return perStretch(this.#matching({ ...query, order: NEWEST_FIRST, limit: 0 }), query.bounds);
  }

  head(): Promise<LogHead> {
    return this.#log.head();
  }

  pending(limit: number): Promise<Pending> {
    return this.#log.pending(limit);
  }

  seal(batch: SealBatch): Promise<boolean> {
    return this.#log.seal(batch);
  }

  lag(): Promise<Lag> {
    return this.#log.lag();
  }

  leaves(from: number, limit: number): Promise<readonly SealedLeaf[]> {
    return this.#log.leaves(from, limit);
  }

  leafHashes(from: number, to: number): Promise<readonly Uint8Array[]> {
    return this.#log.leafHashes(from, to);
  }

  nodes(level: number, from: number, to: number): Promise<readonly Uint8Array[]> {
    return this.#log.nodes(level, from, to);
  }

  indexOf(id: string): Promise<number | undefined> {
    return this.#log.indexOf(id);
  }

  checkpoints(
    after: number,
    limit: number,
  ): Promise<readonly (StoredCheckpoint & { readonly place: number })[]> {
    return this.#log.checkpoints(after, limit);
  }

  lastCheckpoint(): Promise<StoredCheckpoint | undefined> {
    return this.#log.lastCheckpoint();
  }

  strays(limit: number): Promise<readonly string[]> {
    return this.#log.strays(limit);
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
    this.#rows = undefined;
  }

  #matching(query: EventQuery): StoredEntry[] {
    const entries = [...this.#open().events.values()].map(({ entry }) => entry);
    const found = entries.filter((entry) => matches(entry, query));
    return found.sort(
      (a, b) => compare(placeOf(query, a), placeOf(query, b)) * (query.order.descending ? -1 : 1),
    );
  }

  #open(): MemoryRows {
    if (this.#rows === undefined) throw new AuditError('CLOSED', 'The store in memory was closed.');
    return this.#rows;
  }
}

/** False for an entry whose id is there already with another body, which stays, or was purged. */
function keep(rows: MemoryRows, entry: Entry): boolean {
  const { id, payload_digest } = entry.core;
  if (rows.purged.has(id)) return false;
  const existing = rows.events.get(id);
  if (existing !== undefined) return existing.entry.core.payload_digest === payload_digest;
  rows.add({ ...entry, recordedAt: new Date().toISOString() });
  return true;
}

function compare(a: Position, b: Position): number {
  const isSame = a.value === b.value || a.value === a.id;
  return isSame ? (a.id < b.id ? -1 : Number(a.id > b.id)) : byCodePoints(a.value, b.value);
}

/** As the databases have it, and not by the halves of JavaScript's characters. */
function byCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function isBehind(entry: StoredEntry, query: EventQuery): boolean {
  if (query.after === undefined) return true;
  const direction = query.order.descending === (query.backwards ?? false) ? 1 : -1;
  return compare(placeOf(query, entry), query.after) * direction > 0;
}

function refused(id: string): AuditError {
  return new AuditError(
    'EVENT_REFUSED',
    `The event ${id} has no SHA-256 as its payload digest. None of its batch was stored.`,
  );
}
