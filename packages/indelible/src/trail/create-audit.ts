import type { Catalogue, EmptyCatalogue } from '../event/actions.js';
import { AuditError } from '../event/errors.js';
import type { Actor, AuditEvent, Target } from '../event/event.js';
import type { EventInput } from '../event/input.js';
import type { SqlConnection } from '../stores/store.js';
import { type Context, ContextStack, type ResolvedContext } from './context.js';
import { Deliverer } from './delivery.js';
import type { EventFilter } from './filter.js';
import { type AuditOptions, type Settings, settingsOf } from './options.js';
import { type EventPage, type SummaryRequest, TrailReader, type TrailSummary } from './reader.js';
import { Recorder } from './recorder.js';
import { Relay } from './relay.js';
import { Sender } from './sender.js';
import { Spool } from './spool/spool.js';
import type { RecordState } from './state.js';
import { newStats, type TrailStats } from './stats.js';

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
  readonly #settings: Settings;
  readonly #stats: TrailStats = newStats();
  readonly #context: ContextStack;
  readonly #spool: Spool;
  readonly #sender: Sender;
  readonly #relay: Relay | undefined;
  readonly #deliverer: Deliverer;
  readonly #recorder: Recorder;
  readonly #reader: TrailReader;
  readonly #started: Promise<void>;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(settings: Settings) {
    const { store, outbox, bufferSize } = settings;
    const stats = this.#stats;
    const report = (error: AuditError): void => this.#report(error);
    this.#settings = settings;
    this.#context = new ContextStack((error) =>
      report(AuditError.from(error, 'INVALID_OPTIONS', 'A function of the context failed')),
    );
    this.#spool = new Spool({
      folder: settings.spool && { ...settings.spool, storeName: store.description },
      bufferSize,
      report,
    });
    this.#sender = new Sender({
      store,
      spool: this.#spool,
      stats,
      report,
      onStored: () => this.#tellGaps(),
    });
    this.#relay = outbox && new Relay({ outbox, store, stats, report });
    this.#deliverer = new Deliverer({
      settings,
      spool: this.#spool,
      sender: this.#sender,
      relay: this.#relay,
      stats,
      report,
      onGap: () => this.#tellGaps(),
    });
    this.#recorder = new Recorder({
      settings,
      context: this.#context,
      deliverer: this.#deliverer,
      stats,
      report,
    });
    this.#reader = new TrailReader(settings, this.#context);
    this.#started = this.#start();
    // Told through `report`, and again to whoever awaits `ready`.
    this.#started.catch(() => undefined);
  }

  /** Resolves when the store has been looked at; rejects when it cannot be used and `failClosed` is set. */
  ready(): Promise<void> {
    return this.#started;
  }

  /**
   * Records an event. With a connection it goes into whatever transaction is open there. Resolves to the
   * event's id, or to undefined for an update that changed nothing; rejects only when the event is refused.
   *
   * @example
   * ```ts
   * await audit.record({ action: 'EXPORT', target: { type: 'Patient', id: '42' }, reason: 'asked for by the patient' });
   * ```
   */
  record(event: EventInput<C>, connection?: SqlConnection): Promise<string | undefined> {
    if (this.#closing) return Promise.reject(closed());
    return this.#recorder.record(event, connection);
  }

  /** As `record`, inside a synchronous transaction: on a connection that answers at once. */
  recordSync(event: EventInput<C>, connection: SqlConnection): string | undefined {
    if (this.#closing) throw closed();
    return this.#recorder.recordSync(event, connection);
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
    return this.#context.run(context, fn);
  }

  /** The context of now. */
  context(): ResolvedContext {
    return this.#context.current();
  }

  /** Adds to the context of now what is learnt late, such as who signed in. False outside any context. */
  setContext(context: Context): boolean {
    return this.#context.set(context);
  }

  /** `fn` bound to the context of now, for callbacks that a queue, a pool or an emitter calls from elsewhere. */
  bind<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => R {
    return this.#context.bind(fn);
  }

  /** Runs `fn` as the actor of now in another's name; every event inside names both, and start and stop are events. */
  async impersonate<T>(
    person: Omit<Actor, 'onBehalfOf'>,
    fn: () => T | Promise<T>,
    reason?: string,
  ): Promise<T> {
    const { actor = { type: 'system', name: 'system' } } = this.context();
    const scope = { actor: { ...actor, onBehalfOf: person }, ...(reason === undefined ? {} : { reason }) };
    return this.run(scope, async () => {
      const target = { type: 'User', id: person.id, label: person.name ?? person.username };
      await this.#recorder.record({ action: 'IMPERSONATION_START', target });
      try {
        return await fn();
      } finally {
        await this.#recorder.record({ action: 'IMPERSONATION_STOP', target });
      }
    });
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
    return { ...this.#stats, waiting: this.#spool.length };
  }

  /** Resolves when everything recorded so far is in the store, or the store cannot be reached. */
  async flush(): Promise<void> {
    await this.#relay?.drain();
    await this.#sender.drain();
  }

  /** Records the stop, brings what is waiting into the store, and lets go of everything. What cannot be stored stays in the spool. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #start(): Promise<void> {
    for (const line of this.#attached()) this.#settings.log(line);
    this.#relay?.start();
    void this.#record('AUDIT_START');
    try {
      for (const { severity, message } of await this.#settings.store.check()) {
        this.#settings.log(`indelible: ${severity}: ${message}`);
        if (severity === 'error') this.#report(new AuditError('STORE_UNSAFE', message));
      }
    } catch (error) {
      const failure = AuditError.from(error, 'STORE_UNAVAILABLE', 'The store could not be looked at');
      this.#report(failure);
      if (this.#settings.failClosed === true) throw failure;
    }
    // What an earlier life of the process left is stored without waiting for a first event.
    if (this.#spool.hasWaiting) this.#sender.wake();
  }

  #attached(): string[] {
    const { store, outbox, models, delivery, failClosed, spool } = this.#settings;
    const deliveries = Object.entries(delivery).map(([key, mode]) => `${key} ${mode}`);
    return [
      `indelible: store: ${store.description}`,
      `indelible: spool: ${this.#spool.isOnDisk ? `${spool?.dir}` : 'memory only: what waits is lost when the process is killed'}`,
      `indelible: outbox: ${outbox?.description ?? 'none: changes recorded by hand are stored before the call resolves'}`,
      `indelible: models: ${models.length === 0 ? 'no options given' : models.join(', ')}`,
      `indelible: delivery: ${deliveries.join(', ')}, the rest soon; fail closed: ${String(failClosed)}`,
    ];
  }

  async #close(): Promise<void> {
    const { recorded, dropped, refused } = this.#stats;
    await this.#record('AUDIT_STOP', { last_n: this.#recorder.lastNumber + 1, recorded, dropped, refused });
    this.#tellGaps();
    await this.flush();
    await this.#relay?.close();
    this.#sender.close();
    await this.#spool.close();
    await this.#settings.store.close();
  }

  #tellGaps(): void {
    for (const gap of this.#deliverer.gaps.take()) void this.#record('AUDIT_GAP', gap);
  }

  /** The trail's own events are the program's, whoever's request they fall into. */
  async #record(action: string, metadata: Record<string, unknown> = {}): Promise<void> {
    const actor: Actor = { type: 'system', name: 'indelible' };
    const process = this.#recorder.processId;
    try {
      await this.#context.outside(() =>
        this.#recorder.record({ action, source: 'system', actor, metadata: { process, ...metadata } }),
      );
    } catch (error) {
      this.#report(AuditError.from(error, 'TRAIL_UNAVAILABLE', `${action} could not be recorded`));
    }
  }

  /** A failure of the trail is told, and breaks nothing: not even when telling fails. */
  #report(error: AuditError): void {
    try {
      this.#settings.onError(error);
    } catch (cause) {
      console.error('indelible: onError failed', cause);
    }
  }
}

function closed(): AuditError {
  return new AuditError('CLOSED', 'The trail has been closed: record before close, or create it anew.');
}
