import type { Assurance } from '../anchors/assurance.js';
import type { AcknowledgeInput, Detecting, FindingsRequest } from '../detectors/detecting.js';
import type { Finding } from '../detectors/finding.js';
import type { FindingsWatch, WatchOptions } from '../detectors/findings-watch.js';
import type { Erased, ErasureOptions } from '../erasure/subject-erasure.js';
import type { BuiltInAction, Catalogue, EmptyCatalogue } from '../event/actions.js';
import { AuditError } from '../event/errors.js';
import type { Actor, AuditEvent, Target } from '../event/event.js';
import type { EventInput, LooseInput } from '../event/input.js';
import type { TrailRetention } from '../retention/trail-retention.js';
import type { SqlConnection } from '../stores/store.js';
import { detectionIn } from './detection.js';
import { openDoor } from './door.js';
import type { Context, ResolvedContext } from './context.js';
import type { EventFilter } from './filter.js';
import { impersonating } from './impersonating.js';
import { type AuditOptions, type Settings, settingsOf } from './options.js';
import { type EventPage, type SummaryRequest, TrailReader, type TrailSummary } from './reader.js';
import { AuthEvents, type AuthParts } from './sign-in/auth-events.js';
import { Removals } from './removals.js';
import type { RecordState } from './state.js';
import type { TrailStats } from './stats.js';
import { Trail } from './trail.js';
import { WrappedCall, type WrapOptions } from './wrap.js';

/**
 * Opens a trail: from here on everything recorded is on its way to the store.
 *
 * @example
 * ```ts
 * const audit = createAudit({ store: createSqliteStore({ path: './audit.db' }) });
 * await audit.record({ action: 'READ', target: { type: 'Patient', id: '42' } });
 * await audit.close();
 * ```
 */
export function createAudit<const C extends Catalogue = EmptyCatalogue>(options: AuditOptions<C>): Audit<C> {
  return new Audit<C>(settingsOf(options));
}

/** A running trail. Made by `createAudit`; `close` it before the process ends. */
export class Audit<C extends Catalogue = EmptyCatalogue> {
  readonly #trail: Trail;
  readonly #reader: TrailReader;
  readonly #auth: AuthEvents;
  readonly #userModel: string;
  readonly #removals: Removals;
  readonly #detecting: Detecting;
  #isClosing = false;
  #closed: Promise<void> | undefined;

  /** @internal */
  constructor(settings: Settings) {
    this.#trail = new Trail(settings);
    this.#reader = new TrailReader(settings, this.#trail.context);
    openDoor(this, this.#trail.doorWith(this.#reader));
    this.#userModel = settings.signIn.userModel;
    this.#auth = this.#authEvents((event, connection) => this.#record(event, connection));
    const record = (event: LooseInput): Promise<string | undefined> => this.#record(event);
    this.#removals = new Removals(this.#trail, settings, record);
    this.#detecting = detectionIn(this.#trail, settings, this.#reader, record);
  }

  /** Resolves when the store has been looked at; rejects when it cannot be used and `failClosed` is set. */
  ready(): Promise<void> {
    return this.#trail.started;
  }

  /**
   * Records an event. With a connection it goes into whatever transaction is open there. Resolves to the
   * event's id, or to undefined for an update that changed nothing and for an attempt that was counted with
   * others; rejects only when the event is refused.
   *
   * @example
   * ```ts
   * await audit.record({ action: 'EXPORT', target: { type: 'Patient', id: '42' }, reason: 'asked for by the patient' });
   * ```
   */
  record(event: EventInput<C>, connection?: SqlConnection): Promise<string | undefined> {
    return this.#record(event, connection);
  }

  /** As `record`, inside a synchronous transaction: on a connection that answers at once. */
  recordSync(event: EventInput<C>, connection: SqlConnection): string | undefined {
    return this.#recordSync(event, connection);
  }

  /**
   * The events of signing in.
   *
   * @example
   * ```ts
   * await audit.auth.loggedOut({ user: { id: '7', username: 'anna' } });
   * ```
   */
  get auth(): AuthEvents {
    return this.#auth;
  }

  /** As `auth`, inside a synchronous transaction: on a connection that answers at once. */
  authSync(connection: SqlConnection): AuthEvents<string | undefined> {
    return this.#authEvents((event, given) => this.#recordSync(event, given ?? connection));
  }

  /**
   * Runs `fn` in a context: everything recorded inside, however late, knows its actor, request and reason.
   *
   * @example
   * ```ts
   * await audit.run({ actor: { type: 'system', name: 'nightly-reminders' } }, sendReminders);
   * ```
   */
  run<T>(context: Context, fn: () => T): T {
    return this.#trail.context.run(context, fn);
  }

  /** The context of now. */
  context(): ResolvedContext {
    return this.#trail.context.current();
  }

  /** Adds to the context of now what is learnt late, such as who signed in. False outside any context. */
  setContext(context: Context): boolean {
    return this.#trail.context.set(context);
  }

  /** `fn` bound to the context of now, for callbacks that a queue, a pool or an emitter calls from elsewhere. */
  bind<T, A extends unknown[], R>(fn: (this: T, ...args: A) => R): (this: T, ...args: A) => R {
    return this.#trail.context.bind(fn);
  }

  /**
   * `fn` that records each of its calls: what it read, or did, or was not allowed to. For whatever no route
   * shows: jobs, resolvers, tools.
   *
   * @example
   * ```ts
   * const readPatient = audit.wrap((id: string) => findPatient(id), { action: 'READ', model: 'Patient' });
   * await readPatient('42');
   * ```
   */
  wrap<P extends unknown[], R>(
    fn: (...parameters: P) => R,
    options: WrapOptions<P, BuiltInAction | (keyof C & string)>,
  ): (...parameters: P) => Promise<Awaited<R>> {
    const { watching } = this.#trail;
    return (...parameters) => new WrappedCall(watching, options, parameters).run(() => fn(...parameters));
  }

  /** Runs `fn` as the actor of now in another's name; every event inside names both, and start and stop are events. */
  async impersonate<T>(
    person: Omit<Actor, 'onBehalfOf'>,
    fn: () => T | Promise<T>,
    reason?: string,
  ): Promise<T> {
    const actor = this.context().actor ?? this.#trail.context.nobody();
    const target = { type: 'User', id: person.id, label: person.name ?? person.username };
    const scope = { actor: { ...actor, onBehalfOf: person }, ...(reason === undefined ? {} : { reason }) };
    return this.run(scope, () => impersonating((event) => this.#record(event), target, fn));
  }

  /** One page of the events that match, newest first unless asked otherwise. */
  find(filter?: EventFilter): Promise<EventPage> {
    return this.#reader.find(filter);
  }

  get(id: string, scope?: Pick<EventFilter, 'tenantId'>): Promise<AuditEvent | null> {
    return this.#reader.get(id, scope);
  }

  /** Every event that matches, in constant memory. */
  stream(filter?: Omit<EventFilter, 'pageSize' | 'cursor'>): AsyncGenerator<AuditEvent> {
    return this.#reader.stream(filter);
  }

  summarize(request?: SummaryRequest): Promise<TrailSummary> {
    return this.#reader.summarize(request);
  }

  /** Everything done to one record. */
  history(target: Pick<Target, 'type' | 'id'>, filter?: EventFilter): Promise<EventPage> {
    return this.#reader.history(target, filter);
  }

  /** Everything one actor did. */
  activity(actorId: string, filter?: EventFilter): Promise<EventPage> {
    return this.#reader.activity(actorId, filter);
  }

  /** Everything done to or with one subject. */
  subject(subjectId: string, filter?: EventFilter): Promise<EventPage> {
    return this.#reader.subject(subjectId, filter);
  }

  /** How a record stood at a moment. */
  stateAt(
    target: Pick<Target, 'type' | 'id'>,
    time: Date | string,
    scope?: Pick<EventFilter, 'tenantId'>,
  ): Promise<RecordState> {
    return this.#reader.stateAt(target, time, scope);
  }

  /** What the trail has done since it was created. */
  stats(): Readonly<TrailStats> {
    return this.#trail.stats();
  }

  /** Resolves when everything recorded so far is in the store, or the store cannot be reached. */
  flush(): Promise<void> {
    return this.#trail.flush();
  }

  /**
   * Resolves when everything recorded so far has its place in the log; rejects when it cannot be sealed. It is
   * sealed anyway within moments: this is for what must be provable now.
   *
   * @example
   * ```ts
   * await audit.seal();
   * ```
   */
  seal(): Promise<void> {
    return this.#trail.seal();
  }

  /** What the trail can prove by now, and what it rests on. */
  assurance(): Assurance {
    return this.#trail.sealing.assurance();
  }

  /**
   * Policies, holds, and the clean-up of what is over its time.
   *
   * @example
   * ```ts
   * const { count, byAction } = await audit.retention.preview();
   * ```
   */
  get retention(): TrailRetention {
    return this.#removals.retention;
  }

  /**
   * Makes everything about a person unreadable: their events stay counted and provable, without names or values.
   *
   * @example
   * ```ts
   * await audit.eraseSubject('42', { reason: 'asked for it', request: 'ticket 118' });
   * ```
   */
  eraseSubject(subjectId: string, options: ErasureOptions): Promise<Erased> {
    return this.#removals.erase(subjectId, options);
  }

  /** What looks suspicious in the last days, found in the trail whenever it is asked for. */
  findings(request?: FindingsRequest): Promise<readonly Finding[]> {
    return this.#detecting.findings(request);
  }

  /** Says what was found out about a finding; recorded as FINDING_ACKNOWLEDGED. */
  acknowledge(findingId: string, input: AcknowledgeInput): Promise<Finding> {
    return this.#detecting.acknowledge(findingId, input);
  }

  /** Sends what is found anew to the webhook of the options, until it is stopped or the trail is closed. */
  watchFindings(options?: WatchOptions): FindingsWatch {
    return this.#detecting.watch(options);
  }

  /** Records the stop, brings what is waiting into the store, seals it, and lets go of everything. What cannot be stored stays in the spool. */
  close(): Promise<void> {
    this.#isClosing = true;
    this.#closed ??= this.#detecting.close().then(() => this.#trail.close());
    return this.#closed;
  }

  #authEvents<R>(record: AuthParts<R>['record']): AuthEvents<R> {
    const { context, names } = this.#trail;
    const report = (error: AuditError): void => this.#trail.report(error);
    return new AuthEvents({ context, names, userModel: this.#userModel, record, report });
  }

  #recordSync(event: LooseInput, connection: SqlConnection): string | undefined {
    if (this.#isClosing) throw closed();
    return this.#trail.recorder.recordSync(event, connection);
  }

  #record(event: LooseInput, connection?: SqlConnection): Promise<string | undefined> {
    return this.#isClosing
      ? this.#trail.recorder.refuse(closed())
      : this.#trail.recorder.record(event, connection);
  }
}

function closed(): AuditError {
  return new AuditError('CLOSED', 'The trail has been closed: record before close, or create it anew.');
}
