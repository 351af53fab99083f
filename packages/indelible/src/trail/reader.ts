import { AuditError } from '../event/errors.js';
import type { AuditEvent, Target } from '../event/event.js';
import { floorId, isId } from '../event/id.js';
import { readEvent } from '../event/read.js';
import type { EventQuery } from '../stores/query.js';
import type { EntryPage, Store, Summary } from '../stores/store.js';
import type { ContextStack } from './context.js';
import { writeCursor } from './cursor.js';
import { addDays, dayBounds, today } from './days.js';
import { type EventFilter, parseFilter } from './filter.js';
import type { Settings } from './options.js';
import { type RecordState, StateTracker } from './state.js';

/** More matches than this are not sorted by anything but time. */
const SORTABLE = 10_000;
const SORT_CHECK_MS = 250;
const TOP_ACTORS = 10;

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
    const query = this.#parse(filter);
    await this.#checkOrdering(query);
    const [page, count] = await Promise.all([
      this.#store.find(query),
      this.#store.count(query, this.#settings.countBudgetMs),
    ]);
    return { ...this.#page(query, page), count, countIsExact: count !== null };
  }

  async get(id: string, scope: Pick<EventFilter, 'tenantId'> = {}): Promise<AuditEvent | null> {
    if (!isId(id)) return null;
    const entry = await this.#store.get(id, this.#parse(scope).tenantId);
    return entry ? readEvent(entry) : null;
  }

  /** Everything that matches, in constant memory; a page size or a cursor has no meaning here. */
  async *stream(filter: Omit<EventFilter, 'pageSize' | 'cursor'> = {}): AsyncGenerator<AuditEvent> {
    const query = this.#parse(filter);
    await this.#checkOrdering(query);
    for await (const entry of this.#store.stream(query)) yield readEvent(entry);
  }

  async summarize(request: SummaryRequest = {}): Promise<TrailSummary> {
    const { days = 30, timeZone = this.#settings.timeZone } = request;
    const { tenantId, where } = this.#parse({ ...request, days, timeZone });
    const last = today(Date.now(), timeZone);
    const bounds = dayBounds(last, days, timeZone);
    const summary = await this.#store.summarize({ tenantId, where, dayBounds: bounds, top: TOP_ACTORS });
    return {
      ...summary,
      perDay: summary.perDay.map((count, i) => ({ day: addDays(last, i + 1 - days), count })),
    };
  }

  /** Everything done to one record, newest first. */
  history(target: Pick<Target, 'type' | 'id'>, filter: EventFilter = {}): Promise<EventPage> {
    return this.find({ ...filter, model: target.type, objectId: target.id });
  }

  /** Everything one actor did, newest first. */
  activity(actorId: string, filter: EventFilter = {}): Promise<EventPage> {
    return this.find({ ...filter, actorId });
  }

  /** Everything done to or with one subject, newest first. */
  subject(subjectId: string, filter: EventFilter = {}): Promise<EventPage> {
    return this.find({ ...filter, subjectId });
  }

  /** How a record stood at a moment: what its events up to and with that moment add up to. */
  async stateAt(
    target: Pick<Target, 'type' | 'id'>,
    time: Date | string,
    scope: Pick<EventFilter, 'tenantId'> = {},
  ): Promise<RecordState> {
    const ms = new Date(time).getTime();
    if (Number.isNaN(ms))
      throw new AuditError(
        'INVALID_FILTER',
        'stateAt needs a moment: a Date, or a text such as 2026-03-14T14:03:00Z.',
      );
    if (!target.id)
      throw new AuditError(
        'INVALID_FILTER',
        'stateAt needs the id of a record: { type: "Appointment", id: "91" }.',
      );
    const query = this.#parse({ ...scope, model: target.type, objectId: target.id, ordering: 'timestamp' });
    const tracker = new StateTracker();
    const upTo = { ...query, where: { ...query.where, toId: floorId(ms + 1) } };
    for await (const entry of this.#store.stream(upTo)) tracker.follow(readEvent(entry));
    return tracker.state;
  }

  #parse(filter: EventFilter): EventQuery {
    const tenantId = this.#context.current().tenantId ?? '';
    return parseFilter(filter, { tenantId, timeZone: this.#settings.timeZone, now: Date.now() });
  }

  /** Only time has an index for every filter; other orderings sort, so they need a bound. */
  async #checkOrdering(query: EventQuery): Promise<void> {
    const { column } = query.order;
    if (column === 'timestamp' || (column === 'action' && isUnfiltered(query))) return;
    const count = await this.#store.count(query, SORT_CHECK_MS);
    if (count !== null && count <= SORTABLE) return;
    throw new AuditError(
      'ORDERING_TOO_BROAD',
      `More than ${SORTABLE} events match, too many to be ordered by ${column}; narrow the filter, for instance to a range of dates, or order by timestamp.`,
    );
  }

  #page(query: EventQuery, page: EntryPage): Pick<EventPage, 'events' | 'next' | 'previous'> {
    return {
      events: page.entries.map(readEvent),
      next: page.next && writeCursor(query, page.next, false),
      previous: page.previous && writeCursor(query, page.previous, true),
    };
  }
}

/** Ordered by action within one tenant, which has an index of its own. */
function isUnfiltered(query: EventQuery): boolean {
  return query.tenantId !== null && query.search === undefined && Object.keys(query.where).length === 0;
}
