import type { Capturing } from '../capture/capturing.js';
import type { Watching } from '../http/watching.js';
import { Completer } from '../event/complete.js';
import { AuditError } from '../event/errors.js';
import type { Outcome } from '../event/event.js';
import type { LooseInput } from '../event/input.js';
import type { EventWriter } from '../stores/store.js';
import { CapturedCompleter } from './captured/captured-completer.js';
import { LastSubjects } from './captured/last-subject.js';
import { closeSpool, closeStore } from './closing.js';
import { ContextStack } from './context.js';
import { impatient } from './deadline.js';
import { Deliverer } from './delivery.js';
import type { Door } from './door.js';
import type { TrailReader } from './reader.js';
import { Folding } from './folding/folding.js';
import { Gaps } from './gaps.js';
import type { Settings } from './options.js';
import type { Outbox } from './outbox.js';
import { Recorder } from './recorder.js';
import { Relay, type RelayOptions } from './relay.js';
import { Sealing } from './sealing/sealing.js';
import { Sender } from './sender.js';
import { NameDigest } from './sign-in/name-digest.js';
import { openNameKey } from './sign-in/name-key.js';
import { Spool } from './spool/spool.js';
import { attachedLines, checkStores } from './start-report.js';
import { newStats, type TrailStats } from './stats.js';
import { Teller } from './teller.js';
import { TrailCapturing } from './trail-capturing.js';
import { TrailWatching } from './trail-watching.js';

/** How long losses are gathered before an event tells of them. */
const GAP_MS = 1_000;
/** A batch may take the store so many times as long as a caller would wait. */
const PATIENCE = 5;
/** One look into the outbox leads to several batches. */
const RELAY_PATIENCE = 15;

/** The running thing behind `Audit`: puts the parts together, starts them, and brings them to rest. */
export class Trail {
  readonly context: ContextStack;
  readonly recorder: Recorder;
  readonly capturing: Capturing;
  readonly watching: Watching;
  readonly names: NameDigest;
  readonly started: Promise<void>;
  readonly sealing: Sealing;
  readonly #settings: Settings;
  readonly #stats: TrailStats = newStats();
  readonly #teller: Teller;
  readonly #spool: Spool;
  readonly #sender: Sender;
  readonly #relay: Relay | undefined;
  readonly #gaps: Gaps = new Gaps(() => this.#tellGapsSoon());
  readonly #deliverer: Deliverer;
  readonly #folding: Folding;
  #gapTimer: NodeJS.Timeout | undefined;

  constructor(settings: Settings) {
    const { outbox, deadlineMs } = settings;
    const store = impatient(settings.store, deadlineMs * PATIENCE, (count) => this.sealing.wake(count));
    const stats = this.#stats;
    this.#settings = settings;
    this.#teller = new Teller(settings);
    const report = (error: AuditError): void => this.report(error);
    this.context = new ContextStack((error) =>
      report(AuditError.from(error, 'INVALID_OPTIONS', 'A function of the context failed')),
    );
    this.#spool = this.#spoolOf(report);
    this.#sender = this.#senderOf(store, report);
    const completer = new Completer(settings);
    this.#relay = outbox && this.#relayOf(outbox, store, completer);
    this.#deliverer = new Deliverer({
      settings,
      spool: this.#spool,
      sender: this.#sender,
      relay: this.#relay,
      gaps: this.#gaps,
      stats,
      report,
    });
    this.#folding = this.#foldingOf(report);
    this.recorder = new Recorder({
      context: this.context,
      deliverer: this.#deliverer,
      folding: this.#folding,
      completer,
      stats,
      report,
    });
    this.capturing = new TrailCapturing({
      settings,
      context: this.context,
      recorder: this.recorder,
      deliverer: this.#deliverer,
      relay: this.#relay,
      gaps: this.#gaps,
      stats,
      teller: this.#teller,
    });
    this.watching = new TrailWatching({
      settings,
      context: this.context,
      recorder: this.recorder,
      deliverer: this.#deliverer,
      folding: this.#folding,
      teller: this.#teller,
    });
    this.sealing = this.#sealingOf(report);
    const dir = this.#spool.isOnDisk ? settings.spool?.dir : undefined;
    this.names = new NameDigest(openNameKey({ given: settings.signIn.digestKey, dir, report }));
    this.started = this.#start();
    // Told through `report`, and again to whoever awaits `ready`.
    this.started.catch(() => undefined);
  }

  report(error: AuditError): void {
    this.#teller.report(error);
  }

  /** What adapters and the API are given of it. */
  doorWith(reader: TrailReader): Door {
    const { store, anchors, retention, knowsAction } = this.#settings;
    const { capturing, watching, sealing } = this;
    const serving = { store, reader, anchors, retention, knowsAction, keys: () => sealing.keys.known };
    return { capturing, watching, serving };
  }

  /** What the trail has done since it was created. */
  stats(): Readonly<TrailStats> {
    return { ...this.#stats, waiting: this.#spool.length };
  }

  async flush(): Promise<void> {
    await this.#folding.flush();
    await this.#relay?.drain();
    await this.#sender.drain();
  }

  /** Resolves when everything recorded so far has its place in the log. */
  async seal(): Promise<void> {
    await this.flush();
    await this.sealing.sealAll();
  }

  /** Resolves when the local disk holds nothing any more of what was recorded so far. */
  async settle(): Promise<void> {
    await this.flush();
    await this.#spool.settle(this.#settings.deadlineMs * PATIENCE);
  }

  /** The stop is the last event, after everything that was still on its way and what was lost of it; then all is sealed. */
  async close(): Promise<void> {
    await this.#folding.flush();
    this.#folding.close();
    await this.flush();
    await this.#deliverer.settle();
    await this.sealing.announce();
    this.#tellGaps();
    this.#recordOwn('AUDIT_STOP', this.#account());
    await this.flush();
    await this.#relay?.close();
    this.#sender.close();
    await this.sealing.close();
    await closeSpool(this.#spool, this.#stats, this.#teller);
    // What looks at the store from the start on must not find it closed.
    await Promise.allSettled([this.started]);
    await closeStore(this.#settings.store, this.#settings.deadlineMs * PATIENCE, this.#teller);
  }

  #spoolOf(report: (error: AuditError) => void): Spool {
    const { spool, store, bufferSize } = this.#settings;
    return new Spool({
      disk: spool && { ...spool, storeName: store.description },
      bufferSize,
      report: (error) => {
        this.#stats.failures += 1;
        report(error);
      },
      onDamaged: (count) => this.#gaps.add('damaged', undefined, count),
      onAdopted: () => this.#sender.wake(),
    });
  }

  #senderOf(store: EventWriter, report: (error: AuditError) => void): Sender {
    return new Sender({
      store,
      spool: this.#spool,
      stats: this.#stats,
      deadlineMs: this.#settings.deadlineMs,
      report,
      onLost: (reason, entries) => {
        for (const { core } of entries) this.#gaps.add(reason, core.process);
      },
      onReady: () => this.#tellGaps(),
    });
  }

  #relayOf(outbox: Outbox, store: EventWriter, completer: Completer): Relay {
    const { models, deadlineMs } = this.#settings;
    const reader = this.#settings.store;
    const completing = (): ReturnType<RelayOptions['completing']> => {
      const captured = new CapturedCompleter({ completer, models, lastSubjects: new LastSubjects(reader) });
      return (row) => captured.entriesOf(row);
    };
    return new Relay({
      outbox,
      store,
      stats: this.#stats,
      patienceMs: deadlineMs * RELAY_PATIENCE,
      completing,
      report: (error) => this.#teller.report(error),
      onLost: (reason, count) => this.#gaps.add(reason, undefined, count),
    });
  }

  /** What was counted is spooled when it is told; that is as good as what the events themselves were promised. */
  #foldingOf(report: (error: AuditError) => void): Folding {
    const mayCount = (action: string, model: string | undefined): boolean =>
      this.#stats.storeIsUp ||
      this.#deliverer.modeOf(action, model, false) === 'soon' ||
      (this.#spool.isOnDisk && !this.#deliverer.failsClosed(action, model));
    const tell = (event: LooseInput): void => void this.recorder.recordApart(event);
    return new Folding({ context: this.context, stats: this.#stats, report, tell, mayCount });
  }

  #sealingOf(report: (error: AuditError) => void): Sealing {
    const { deadlineMs } = this.#settings;
    return new Sealing({
      settings: this.#settings,
      deadlineMs: deadlineMs * PATIENCE,
      stats: this.#stats,
      log: (line) => this.#teller.log(line),
      report,
      record: async (event) => {
        const isKept = this.recorder.recordApart(event);
        await this.#sender.drain();
        return isKept;
      },
    });
  }

  #account(): Record<string, number> {
    const { recorded, stored, dropped, refused, waiting } = this.stats();
    return { last_n: this.recorder.lastNumber + 1, recorded, stored, waiting, dropped, refused };
  }

  async #start(): Promise<void> {
    this.#recordOwn('AUDIT_START', {});
    const { isOnDisk } = this.#spool;
    for (const line of attachedLines(this.#settings, isOnDisk)) this.#teller.log(line);
    this.#teller.log(`indelible: sign-in: names that belong to nobody are digested with ${this.names.where}`);
    this.sealing.start();
    this.#relay?.start();
    try {
      const { deadlineMs } = this.#settings;
      const parts = { patienceMs: deadlineMs * PATIENCE, stats: this.#stats, teller: this.#teller };
      await checkStores(this.#settings, parts);
    } catch (error) {
      const failure = AuditError.from(error, 'STORE_UNAVAILABLE', 'The store could not be looked at');
      this.#teller.report(failure);
      if (this.#settings.failClosed === true) throw failure;
    }
    // What an earlier life of the process left is stored without waiting for a first event.
    if (this.#spool.hasWaiting) this.#sender.wake();
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
    const process = this.recorder.processId;
    return this.recorder.recordOwn(action, { outcome, metadata: { process, ...metadata } });
  }
}
