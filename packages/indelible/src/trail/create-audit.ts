import type { Catalogue, EmptyCatalogue } from '../event/actions.js';
import { AuditError } from '../event/errors.js';
import type { Actor, AuditEvent, Outcome, Target } from '../event/event.js';
import type { EventInput, LooseInput } from '../event/input.js';
import type { SqlConnection } from '../stores/store.js';
import { type Context, ContextStack, type ResolvedContext } from './context.js';
import { impatient, inTime } from './deadline.js';
import { Deliverer } from './delivery.js';
import type { EventFilter } from './filter.js';
import { Gaps } from './gaps.js';
import { type AuditOptions, type Settings, settingsOf } from './options.js';
import { type EventPage, type SummaryRequest, TrailReader, type TrailSummary } from './reader.js';
import { Recorder } from './recorder.js';
import { Relay } from './relay.js';
import { Sender } from './sender.js';
import { Spool } from './spool/spool.js';
import type { RecordState } from './state.js';
import { newStats, type TrailStats } from './stats.js';
import { isThenable } from './thenable.js';

/** How long losses are gathered before an event tells of them. */
const GAP_MS = 1_000;
/** A batch may take the store so many times as long as a caller would wait. */
const PATIENCE = 5;

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
  readonly #gaps: Gaps = new Gaps(() => this.#tellGapsSoon());
  readonly #deliverer: Deliverer;
  readonly #recorder: Recorder;
  readonly #reader: TrailReader;
  readonly #started: Promise<void>;
  #gapTimer: NodeJS.Timeout | undefined;
  #isClosing = false;
  #closed: Promise<void> | undefined;

  /** @internal */
  constructor(settings: Settings) {
    const { outbox, bufferSize, deadlineMs } = settings;
    const store = impatient(settings.store, deadlineMs * PATIENCE);
    const stats = this.#stats;
    const report = (error: AuditError): void => this.#report(error);
    this.#settings = settings;
    this.#context = new ContextStack((error) =>
      report(AuditError.from(error, 'INVALID_OPTIONS', 'A function of the context failed')),
    );
    this.#spool = new Spool({
      disk: settings.spool && { ...settings.spool, storeName: settings.store.description },
      bufferSize,
      report: (error) => {
        stats.failures += 1;
        report(error);
      },
      onDamaged: (count) => this.#gaps.add('damaged', undefined, count),
      onAdopted: () => this.#sender.wake(),
    });
    this.#sender = new Sender({
      store,
      spool: this.#spool,
      stats,
      deadlineMs,
      report,
      onLost: (reason, entries) => {
        for (const { core } of entries) this.#gaps.add(reason, core.process);
      },
      onReady: () => this.#tellGaps(),
    });
    this.#relay = outbox && new Relay({ outbox, store, stats, report });
    this.#deliverer = new Deliverer({
      settings,
      spool: this.#spool,
      sender: this.#sender,
      relay: this.#relay,
      gaps: this.#gaps,
      stats,
      report,
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
    return this.#record(event, connection);
  }

  /** As `record`, inside a synchronous transaction: on a connection that answers at once. */
  recordSync(event: EventInput<C>, connection: SqlConnection): string | undefined {
    if (this.#isClosing) throw closed();
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
  bind<T, A extends unknown[], R>(fn: (this: T, ...args: A) => R): (this: T, ...args: A) => R {
    return this.#context.bind(fn);
  }

  /** Runs `fn` as the actor of now in another's name; every event inside names both, and start and stop are events. */
  async impersonate<T>(
    person: Omit<Actor, 'onBehalfOf'>,
    fn: () => T | Promise<T>,
    reason?: string,
  ): Promise<T> {
    const actor = this.context().actor ?? this.#context.nobody();
    const target = { type: 'User', id: person.id, label: person.name ?? person.username };
    const scope = { actor: { ...actor, onBehalfOf: person }, ...(reason === undefined ? {} : { reason }) };
    return this.run(scope, () =>
      this.#between({ action: 'IMPERSONATION_START', target }, fn, { action: 'IMPERSONATION_STOP', target }),
    );
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
    this.#isClosing = true;
    this.#closed ??= this.#close();
    return this.#closed;
  }

  #record(event: LooseInput, connection?: SqlConnection): Promise<string | undefined> {
    return this.#isClosing ? this.#recorder.refuse(closed()) : this.#recorder.record(event, connection);
  }

  /** Whether or not `fn` throws, its end is recorded too; its own error is the one its caller sees. */
  async #between<T>(start: LooseInput, fn: () => T | Promise<T>, stop: LooseInput): Promise<T> {
    await this.#record(start);
    let result: T;
    try {
      result = await fn();
    } catch (error) {
      await this.#record(stop).catch(() => undefined);
      throw error;
    }
    await this.#record(stop);
    return result;
  }

  async #start(): Promise<void> {
    this.#recordOwn('AUDIT_START', {});
    for (const line of this.#attached()) this.#log(line);
    this.#relay?.start();
    try {
      await this.#check();
    } catch (error) {
      const failure = AuditError.from(error, 'STORE_UNAVAILABLE', 'The store could not be looked at');
      this.#report(failure);
      if (this.#settings.failClosed === true) throw failure;
    }
    // What an earlier life of the process left is stored without waiting for a first event.
    if (this.#spool.hasWaiting) this.#sender.wake();
  }

  async #check(): Promise<void> {
    const { store, deadlineMs } = this.#settings;
    const findings = await inTime(store.check(), deadlineMs * PATIENCE, 'the store');
    for (const { severity, message } of findings) {
      this.#log(`indelible: ${severity}: ${message}`);
      if (severity === 'error') this.#report(new AuditError('STORE_UNSAFE', message));
    }
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

  /** The stop is the last event, after everything that was still on its way and what was lost of it. */
  async #close(): Promise<void> {
    await this.flush();
    await this.#deliverer.settle();
    this.#tellGaps();
    this.#recordOwn('AUDIT_STOP', this.#account());
    await this.flush();
    await this.#relay?.close();
    this.#sender.close();
    await this.#closeSpool();
    await this.#closeStore();
  }

  #account(): Record<string, number> {
    const { recorded, stored, dropped, refused, waiting } = this.stats();
    return { last_n: this.#recorder.lastNumber + 1, recorded, stored, waiting, dropped, refused };
  }

  async #closeSpool(): Promise<void> {
    const lost = await this.#spool.close();
    this.#stats.dropped += lost;
    if (lost > 0) {
      this.#report(
        new AuditError(
          'EVENTS_DROPPED',
          `${lost} events are lost: the trail was closed while its store was away, and there was no disk to leave them on.`,
        ),
      );
    }
  }

  async #closeStore(): Promise<void> {
    const { store, deadlineMs } = this.#settings;
    try {
      await inTime(store.close(), deadlineMs * PATIENCE, 'the store');
    } catch (error) {
      this.#report(AuditError.from(error, 'STORE_UNAVAILABLE', 'The store could not be closed'));
    }
  }

  /** Losses come in swarms: one event tells of all in a second, or, while the store is away, of all until then. */
  #tellGapsSoon(): void {
    if (!this.#stats.storeIsUp) return;
    this.#gapTimer ??= setTimeout(() => this.#tellGaps(), GAP_MS).unref();
  }

  #tellGaps(): void {
    clearTimeout(this.#gapTimer);
    this.#gapTimer = undefined;
    for (const gap of this.#gaps.take()) {
      const { reason, process, count, numbers } = gap;
      if (!this.#recordOwn('AUDIT_GAP', { reason, of_process: process, count, numbers }, 'error'))
        this.#gaps.putBack(gap);
    }
  }

  #recordOwn(action: string, metadata: Record<string, unknown>, outcome?: Outcome): boolean {
    const process = this.#recorder.processId;
    return this.#recorder.recordOwn(action, { outcome, metadata: { process, ...metadata } });
  }

  #log(line: string): void {
    this.#tell('log', () => this.#settings.log(line));
  }

  #report(error: AuditError): void {
    this.#tell('onError', () => this.#settings.onError(error));
  }

  /** A failure of the trail is told, and breaks nothing: not even when telling fails, now or later. */
  #tell(name: string, tell: () => unknown): void {
    const failed = (cause: unknown): void => console.error(`indelible: ${name} failed`, cause);
    try {
      const told = tell();
      if (isThenable(told)) told.then(undefined, failed);
    } catch (cause) {
      failed(cause);
    }
  }
}

function closed(): AuditError {
  return new AuditError('CLOSED', 'The trail has been closed: record before close, or create it anew.');
}
