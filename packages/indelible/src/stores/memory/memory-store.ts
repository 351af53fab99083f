import type { Entry } from '../../event/entry.js';
import { AuditError } from '../../event/errors.js';
import type { StoredEntry } from '../../event/read.js';
import { pageOf, placeOf } from '../place.js';
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
import { matches } from './match.js';
import { summaryOf } from './tally.js';

const DIGEST = /^[0-9a-f]{64}$/;
const NEWEST_FIRST: EventQuery['order'] = { column: 'timestamp', descending: true };

/** The trail in this process alone: for tests and trials. It is gone with the process, and says so. */
export class MemoryStore implements Store {
  readonly isVolatile = true;
  readonly description = 'memory (gone when the process ends)';
  readonly #byId = new Map<string, StoredEntry>();
  #isClosed = false;

  async append(entries: readonly Entry[]): Promise<AppendResult> {
    this.#checkOpen();
    for (const { core } of entries) if (!DIGEST.test(core.payload_digest)) throw refused(core.id);
    return { conflicts: entries.filter((entry) => !this.#keep(entry)).map(({ core }) => core.id) };
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
    this.#checkOpen();
    const entry = this.#byId.get(id);
    return tenantId === null || (entry?.core.tenant_id ?? '') === tenantId ? entry : undefined;
  }

  async *stream(query: EventQuery): AsyncIterable<StoredEntry> {
    yield* this.#matching(query);
  }

  async summarize(query: SummaryQuery): Promise<Summary> {
    return summaryOf(this.#matching({ ...query, order: NEWEST_FIRST, limit: 0 }), query);
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
    this.#isClosed = true;
    this.#byId.clear();
  }

  /** False for an entry whose id is there already with another body, which stays. */
  #keep(entry: Entry): boolean {
    const { id, payload_digest } = entry.core;
    const existing = this.#byId.get(id);
    if (existing !== undefined) return existing.core.payload_digest === payload_digest;
    this.#byId.set(id, { ...entry, recordedAt: new Date().toISOString() });
    return true;
  }

  #matching(query: EventQuery): StoredEntry[] {
    this.#checkOpen();
    const found = [...this.#byId.values()].filter((entry) => matches(entry, query));
    return found.sort(
      (a, b) => compare(placeOf(query, a), placeOf(query, b)) * (query.order.descending ? -1 : 1),
    );
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new AuditError('CLOSED', 'The store in memory was closed.');
  }
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
