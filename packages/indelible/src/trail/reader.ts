import { AuditError } from '../event/errors.js';
import type { AuditEvent, Target } from '../event/event.js';
import { readMember } from '../event/foreign.js';
import { floorId, isId } from '../event/id.js';
import { readEvent } from '../event/read.js';
import { type EventQuery, type Facet, FACETS } from '../stores/query.js';
import type { EntryPage, Facets, Store, Summary } from '../stores/store.js';
import type { ContextStack } from './context.js';
import { writeCursor } from './cursor.js';
import { type EventFilter, type FilterDefaults, parseFilter, parseScope, parseSummary } from './filter.js';
import { invalid, moment, oneOf, required, storedId, whole, zone } from './filter-values.js';
import type { Settings } from './options.js';
import { LIFE, type RecordState, StateTracker } from './state.js';
import { idBounds, type Interval, INTERVALS, stretchesOf } from './stretches.js';

/** More matches than this are not sorted by anything but time. */
const SORTABLE = 10_000;
const SORT_CHECK_MS = 250;
const TOP_ACTORS = 10;
const [FACETED, MOST_FACETED, TOP_VALUES, MOST_VALUES] = [10_000, 1_000_000, 20, 1_000];

export interface EventPage {
  readonly events: readonly AuditEvent[];
  /** Cursors of the neighbouring pages; null at the ends. A page may be short and still have a next one. */
  readonly next: string | null;
  readonly previous: string | null;
  /** How many events match in all; null when counting them would take too long. */
  readonly count: number | null;
  readonly countIsExact: boolean;
}

export interface SummaryRequest {
  /** The last so many days, today included; 30 by default. */
  readonly days?: number | undefined;
  readonly timeZone?: string | undefined;
  readonly tenantId?: string | null | undefined;
}

export interface TrailSummary extends Omit<Summary, 'perDay'> {
  readonly perDay: readonly { readonly day: string; readonly count: number }[];
}

export interface FacetRequest {
  /** What is counted; everything by default. */
  readonly facets?: readonly Facet[] | undefined;
  /** So many of the newest matches are looked at; 10,000 by default. */
  readonly among?: number | undefined;
  /** So many values of each are told; 20 by default. */
  readonly top?: number | undefined;
}

export interface TrailHistogram {
  readonly interval: Interval;
  /** The stretches of time in their order, with their first moments. */
  readonly stretches: readonly { readonly start: string; readonly count: number }[];
}

type RecordKey = Pick<Target, 'type' | 'id'>;
type Scope = Pick<EventFilter, 'tenantId'>;

/** The one way to read the trail: for the API, the console, the command line and reports alike. */
export class TrailReader {
  readonly #store: Store;
  readonly #settings: Settings;
  readonly #context: ContextStack;

  constructor(settings: Settings, context: ContextStack) {
    this.#store = settings.store;
    this.#settings = settings;
    this.#context = context;
  }

  async find(filter: EventFilter = {}): Promise<EventPage> {
    return this.#find(parseFilter(filter, this.#defaults()));
  }

  async get(id: string, scope: Scope = {}): Promise<AuditEvent | null> {
    const tenantId = parseScope(scope, this.#defaults());
    const entry = isId(id) ? await this.#store.get(id, tenantId) : undefined;
    return entry ? readEvent(entry) : null;
  }

  /**
   * Everything that matches, in constant memory; a page size or a cursor has no meaning here. The tenant is that of
   * whoever calls, wherever the events are then read.
   */
  stream(filter: Omit<EventFilter, 'pageSize' | 'cursor'> = {}): AsyncGenerator<AuditEvent> {
    return this.#stream(filter, this.#defaults());
  }

  async summarize(request: SummaryRequest = {}): Promise<TrailSummary> {
    const { days, ...query } = parseSummary(request, this.#defaults());
    const summary = await this.#store.summarize({ ...query, top: TOP_ACTORS });
    return { ...summary, perDay: days.map((day, i) => ({ day, count: summary.perDay[i] ?? 0 })) };
  }

  /** How often each action, model, actor and the like comes among the newest events that match. */
  async facets(filter: EventFilter = {}, request: FacetRequest = {}): Promise<Facets> {
    const { tenantId, where, search } = parseFilter(filter, this.#defaults());
    const asked = request.facets?.map((facet) => oneOf('facets', facet, FACETS) ?? 'action') ?? FACETS;
    const among = whole('among', request.among, 1, MOST_FACETED) ?? FACETED;
    const top = whole('top', request.top, 1, MOST_VALUES) ?? TOP_VALUES;
    return this.#store.facets({ tenantId, where, search, facets: [...new Set(asked)], among, top });
  }

  /** How many events match in each stretch of time, by the clocks of the filter's zone. */
  async histogram(filter: EventFilter = {}, interval?: Interval): Promise<TrailHistogram> {
    const defaults = this.#defaults();
    const { tenantId, where, search } = parseFilter(filter, defaults);
    const stretches = stretchesOf(where, {
      interval: oneOf('interval', interval, INTERVALS),
      timeZone: zone(filter.timeZone) ?? defaults.timeZone,
      now: defaults.now,
    });
    const counts = await this.#store.histogram({ tenantId, where, search, bounds: idBounds(stretches) });
    const starts = stretches.bounds.slice(0, -1).map((ms) => new Date(ms).toISOString());
    return {
      interval: stretches.interval,
      stretches: starts.map((start, n) => ({ start, count: counts[n] ?? 0 })),
    };
  }

  /** Everything done to one record, newest first. */
  async history(target: RecordKey, filter: EventFilter = {}): Promise<EventPage> {
    return this.#find(parseFilter(filter, this.#defaults(), recordOf(target)));
  }

  /** Everything one actor did, newest first. */
  async activity(actorId: string, filter: EventFilter = {}): Promise<EventPage> {
    return this.#find(parseFilter(filter, this.#defaults(), { actorId: required('actorId', actorId) }));
  }

  /** Everything done to or with one subject, newest first. */
  async subject(subjectId: string, filter: EventFilter = {}): Promise<EventPage> {
    return this.#find(parseFilter(filter, this.#defaults(), { subjectId: required('subjectId', subjectId) }));
  }

  /** How a record stood at a moment: what its events up to and with that moment add up to. */
  async stateAt(target: RecordKey, time: Date | string, scope: Scope = {}): Promise<RecordState> {
    const defaults = this.#defaults();
    const ms = moment('time', time, defaults.timeZone);
    if (ms === undefined)
      throw invalid('time', 'is missing', 'give a Date, or a text such as 2026-03-14T14:03:00Z');
    const tenantId = parseScope(scope, defaults);
    const query = parseFilter({ ordering: 'timestamp' }, defaults, { ...recordOf(target), tenantId });
    const then = floorId(ms + 1);
    const tracker = new StateTracker();
    for await (const entry of this.#store.stream({ ...query, where: { ...query.where, toId: then } }))
      tracker.follow(readEvent(entry));
    const { state } = tracker;
    return state.lastEventId === null ? { ...state, isComplete: await this.#isCreated(query, then) } : state;
  }

  /** True when what the trail first tells of a record, from an id on, is that it was created. */
  async #isCreated(query: EventQuery, fromId: string): Promise<boolean> {
    const where = { ...query.where, fromId, actions: LIFE, outcome: 'success' } as const;
    const { entries } = await this.#store.find({ ...query, where, limit: 1 });
    return entries[0]?.core.action === 'CREATE';
  }

  async *#stream(filter: EventFilter, defaults: FilterDefaults): AsyncGenerator<AuditEvent> {
    const query = parseFilter(filter, defaults);
    await this.#countToSort(query);
    for await (const entry of this.#store.stream(query)) yield readEvent(entry);
  }

  async #find(query: EventQuery): Promise<EventPage> {
    const sorted = await this.#countToSort(query);
    const [page, count] = await Promise.all([
      this.#store.find(query),
      sorted ?? this.#store.count(query, this.#settings.countBudgetMs),
    ]);
    return { ...pageOf(query, page), count, countIsExact: count !== null };
  }

  /** A tenant too long for an index is stored, and so looked for, by its beginning and its digest. */
  #defaults(): FilterDefaults {
    const { timeZone, knowsAction } = this.#settings;
    const tenantId = storedId(this.#context.current().tenantId) ?? '';
    return { tenantId, timeZone, knowsAction, now: Date.now() };
  }

  /**
   * How many events there are to sort; undefined when none need sorting. Only time has an index for every filter, so
   * that any other order needs a bound.
   */
  async #countToSort(query: EventQuery): Promise<number | undefined> {
    const { column } = query.order;
    if (column === 'timestamp' || (column === 'action' && isUnfiltered(query))) return undefined;
    const count = await this.#store.count(query, SORT_CHECK_MS);
    if (count !== null && count <= SORTABLE) return count;
    throw new AuditError(
      'ORDERING_TOO_BROAD',
      `${count ?? 'Too many'} events match, and at most ${SORTABLE} are ordered by ${column}; narrow the filter, for instance to a range of dates, or order by timestamp.`,
    );
  }
}

/** Whoever leaves out the type or the id would be told of other records, too. */
function recordOf(target: RecordKey): { readonly model: string; readonly objectId: string } {
  const [type, id] = (['type', 'id'] as const).map((key) => readMember(Object(target), key));
  return { model: required('target.type', type), objectId: required('target.id', id) };
}

function pageOf(query: EventQuery, page: EntryPage): Pick<EventPage, 'events' | 'next' | 'previous'> {
  return {
    events: page.entries.map(readEvent),
    next: page.next && writeCursor(query, page.next, false),
    previous: page.previous && writeCursor(query, page.previous, true),
  };
}

/** Ordered by action within one tenant, which has an index of its own. */
function isUnfiltered(query: EventQuery): boolean {
  return query.tenantId !== null && query.search === undefined && Object.keys(query.where).length === 0;
}
