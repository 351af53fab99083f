import type { Entry } from '../event/entry.js';
import { AuditError } from '../event/errors.js';
import type { StoredEntry } from '../event/read.js';
import type { EventQuery, FacetQuery, HistogramQuery, SummaryQuery } from '../stores/query.js';
import type { Retention } from '../stores/removal.js';
import type { Lag, LogHead, Pending, SealBatch, SealedLeaf, StoredCheckpoint } from '../stores/seal-log.js';
import type {
  AppendResult,
  EntryPage,
  Facets,
  MigrationState,
  Store,
  StoreFinding,
  Summary,
} from '../stores/store.js';
import type { Views } from '../stores/views.js';
import { FaultyRetention } from './faulty-retention.js';

/**
 * How a call fails: before anything was stored; after everything was stored, so that only the answer is
 * lost; or not at all, until the store recovers, when the call goes on as if nothing had been.
 */
export type FaultMode = 'not-persisted' | 'persisted' | 'hangs';

/** A store that fails on demand, around one that does not. */
export class FaultyStore implements Store {
  readonly retention: Retention;
  readonly views: Views;
  readonly #store: Store;
  readonly #next: FaultMode[] = [];
  readonly #hanging: (() => void)[] = [];
  #always: FaultMode | undefined;

  constructor(store: Store) {
    this.#store = store;
    this.views = {
      list: (owner) => this.#through(() => store.views.list(owner)),
      save: (owner, view) => this.#through(() => store.views.save(owner, view)),
      remove: (owner, id) => this.#through(() => store.views.remove(owner, id)),
    };
    this.retention = new FaultyRetention(store.retention, (call) => this.#through(call));
  }

  get description(): string {
    return this.#store.description;
  }

  /** The next calls of `append` fail. */
  failNext(mode: FaultMode, times = 1): void {
    for (let i = 0; i < times; i += 1) this.#next.push(mode);
  }

  /** The store is away for every call that reads or writes, until `recover`. */
  failAlways(mode: FaultMode): void {
    this.#always = mode;
  }

  /** The store works again, and calls that hang go on. */
  recover(): void {
    this.#always = undefined;
    this.#next.length = 0;
    for (const goOn of this.#hanging.splice(0)) goOn();
  }

  append(entries: readonly Entry[]): Promise<AppendResult> {
    return this.#through(() => this.#store.append(entries), this.#next.shift() ?? this.#always);
  }

  find(query: EventQuery): Promise<EntryPage> {
    return this.#through(() => this.#store.find(query));
  }

  count(query: EventQuery, budgetMs: number): Promise<number | null> {
    return this.#through(() => this.#store.count(query, budgetMs));
  }

  get(id: string, tenantId: string | null): Promise<StoredEntry | undefined> {
    return this.#through(() => this.#store.get(id, tenantId));
  }

  async *stream(query: EventQuery): AsyncIterable<StoredEntry> {
    await this.#through(async () => undefined);
    yield* this.#store.stream(query);
  }

  summarize(query: SummaryQuery): Promise<Summary> {
    return this.#through(() => this.#store.summarize(query));
  }

  facets(query: FacetQuery): Promise<Facets> {
    return this.#through(() => this.#store.facets(query));
  }

  histogram(query: HistogramQuery): Promise<readonly number[]> {
    return this.#through(() => this.#store.histogram(query));
  }

  migrate(options?: { readonly roles?: boolean }): Promise<readonly MigrationState[]> {
    return this.#through(() => this.#store.migrate(options));
  }

  migrations(): Promise<readonly MigrationState[]> {
    return this.#through(() => this.#store.migrations());
  }

  check(): Promise<readonly StoreFinding[]> {
    return this.#through(() => this.#store.check());
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  head(): Promise<LogHead> {
    return this.#through(() => this.#store.head());
  }

  pending(limit: number): Promise<Pending> {
    return this.#through(() => this.#store.pending(limit));
  }

  seal(batch: SealBatch): Promise<boolean> {
    return this.#through(() => this.#store.seal(batch));
  }

  lag(): Promise<Lag> {
    return this.#through(() => this.#store.lag());
  }

  leaves(from: number, limit: number): Promise<readonly SealedLeaf[]> {
    return this.#through(() => this.#store.leaves(from, limit));
  }

  leafHashes(from: number, to: number): Promise<readonly Uint8Array[]> {
    return this.#through(() => this.#store.leafHashes(from, to));
  }

  nodes(level: number, from: number, to: number): Promise<readonly Uint8Array[]> {
    return this.#through(() => this.#store.nodes(level, from, to));
  }

  indexOf(id: string): Promise<number | undefined> {
    return this.#through(() => this.#store.indexOf(id));
  }

  checkpoints(
    after: number,
    limit: number,
  ): Promise<readonly (StoredCheckpoint & { readonly place: number })[]> {
    return this.#through(() => this.#store.checkpoints(after, limit));
  }

  lastCheckpoint(): Promise<StoredCheckpoint | undefined> {
    return this.#through(() => this.#store.lastCheckpoint());
  }

  strays(limit: number): Promise<readonly string[]> {
    return this.#through(() => this.#store.strays(limit));
  }

  async #through<T>(call: () => Promise<T>, mode: FaultMode | undefined = this.#always): Promise<T> {
    if (mode === 'hangs') await new Promise<void>((goOn) => this.#hanging.push(goOn));
    const answer = mode === 'not-persisted' ? undefined : await call();
    if (mode === undefined || mode === 'hangs') return answer as T;
    throw new AuditError(
      'STORE_UNAVAILABLE',
      `the store fails as it was told to: ${mode === 'persisted' ? 'the answer was lost' : 'nothing was stored'}`,
    );
  }
}

/**
 * Wraps a store so that it fails when it is told to, in the ways a real one does.
 *
 * @example
 * ```ts
 * const store = createFaultyStore(createMemoryStore());
 * store.failNext('persisted');
 * ```
 */
export function createFaultyStore(store: Store): FaultyStore {
  return new FaultyStore(store);
}
