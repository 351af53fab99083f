import type { Entry } from '../event/entry.js';
import { AuditError, messageOf } from '../event/errors.js';
import type { SqlConnection } from '../stores/store.js';
import { inTime } from './deadline.js';
import type { Gaps } from './gaps.js';
import type { Delivery as Mode, Settings } from './options.js';
import type { Relay } from './relay.js';
import type { Sender } from './sender.js';
import type { Spool } from './spool/spool.js';
import type { TrailStats } from './stats.js';
import { isThenable } from './thenable.js';

export interface DeliveryParts {
  readonly settings: Settings;
  readonly spool: Spool;
  readonly sender: Sender;
  readonly relay: Relay | undefined;
  readonly gaps: Gaps;
  readonly stats: TrailStats;
  readonly report: (error: AuditError) => void;
}

/** Hands entries on in the way that was chosen for them, and decides what happens when that fails. */
export class Deliverer {
  readonly #parts: DeliveryParts;
  readonly #modes: ReadonlyMap<string, Mode>;
  readonly #closed: ReadonlySet<string>;
  readonly #awaited = new Set<Promise<void>>();

  constructor(parts: DeliveryParts) {
    const { delivery, failClosed } = parts.settings;
    this.#parts = parts;
    this.#modes = new Map(Object.entries(delivery));
    this.#closed = new Set(typeof failClosed === 'boolean' ? [] : failClosed);
  }

  /** How an event is delivered; the narrower setting wins, and what must not be lost is waited for. */
  modeOf(action: string, model: string | undefined, hasConnection: boolean): Mode {
    if (hasConnection) return 'with-change';
    const mode = narrowest(action, model, (key) => this.#modes.get(key));
    return mode === 'with-change' || this.failsClosed(action, model) ? 'before' : (mode ?? 'soon');
  }

  failsClosed(action: string, model: string | undefined): boolean {
    const { failClosed } = this.#parts.settings;
    if (typeof failClosed === 'boolean') return failClosed;
    return narrowest(action, model, (key) => this.#closed.has(key) || undefined) === true;
  }

  /** In the spool when it returns; false when there was no room for it anywhere. */
  soon(entry: Entry): boolean {
    const { spool, sender } = this.#parts;
    const isKept = spool.add(entry);
    if (isKept) sender.wake();
    else this.#drop(entry);
    return isKept;
  }

  /** Durable when it resolves: in the store, or, unless `closed`, on the local disk while the store is away. */
  before(entry: Entry, closed: boolean): Promise<void> {
    const work = this.#before(entry, closed);
    const awaited = work.then(
      () => undefined,
      () => undefined,
    );
    this.#awaited.add(awaited);
    void awaited.then(() => this.#awaited.delete(awaited));
    return work;
  }

  /** Resolves when every call of `before` has come to its end. */
  async settle(): Promise<void> {
    await Promise.all(this.#awaited);
  }

  /**
   * In the caller's transaction when it returns, or when what it returns has resolved. When the outbox
   * cannot be written the change goes on and the gap is told, unless `closed`.
   */
  withChange(entry: Entry, connection: SqlConnection, closed: boolean): Promise<void> | undefined {
    const { settings, relay } = this.#parts;
    if (settings.outbox === undefined) {
      throw new AuditError(
        'NO_OUTBOX',
        'An event was recorded with a connection, but createAudit was given no outbox; pass one, such as outbox: createSqliteOutbox(db).',
      );
    }
    try {
      const written = settings.outbox.put(connection, [entry]);
      relay?.wake();
      if (!isThenable(written)) return undefined;
      return Promise.resolve(written).then(
        () => undefined,
        (error: unknown) => this.#outboxFailed(error, closed),
      );
    } catch (error) {
      this.#outboxFailed(error, closed);
      return undefined;
    }
  }

  /** A store that is known to be away is not waited for, unless the call is to fail with it. */
  async #before(entry: Entry, closed: boolean): Promise<void> {
    const { sender, stats } = this.#parts;
    if (!closed && !stats.storeIsUp && (await this.#onDisk(entry))) return;
    try {
      await sender.send(entry);
    } catch (error) {
      if (closed || !(await this.#onDisk(entry))) throw this.#refuse(entry, error);
    }
  }

  /** True when the entry is on the local disk itself, from where it will be stored. */
  async #onDisk(entry: Entry): Promise<boolean> {
    const { spool, sender, settings, report } = this.#parts;
    if (!spool.addToDisk(entry)) return false;
    sender.wake();
    try {
      await inTime(spool.sync(), settings.deadlineMs, 'the disk of the spool', 'SPOOL_UNAVAILABLE');
      return true;
    } catch (error) {
      report(AuditError.from(error, 'SPOOL_UNAVAILABLE', 'The spool could not be brought to the disk'));
      return false;
    }
  }

  #refuse(entry: Entry, cause: unknown): AuditError {
    this.#parts.stats.refused += 1;
    this.#parts.gaps.add('refused', entry.core.process);
    return new AuditError(
      'TRAIL_UNAVAILABLE',
      `${entry.core.action} was refused, because it could not be recorded: ${messageOf(cause)}`,
      cause,
    );
  }

  #drop(entry: Entry): void {
    const { stats, gaps, report } = this.#parts;
    // Told once for each time there is no room, not for every event.
    if (gaps.isEmpty) {
      report(
        new AuditError(
          'EVENTS_DROPPED',
          'Events are being dropped: the store is away, and neither the spool nor memory has room. Bring the store back, or give the spool more room.',
        ),
      );
    }
    stats.dropped += 1;
    gaps.add('no_room', entry.core.process);
  }

  #outboxFailed(cause: unknown, closed: boolean): void {
    const { stats, gaps, report } = this.#parts;
    const error = AuditError.from(
      cause,
      'OUTBOX_UNAVAILABLE',
      'An event could not be written beside its change; run the outbox migration and check the rights on indelible_outbox',
    );
    stats.failures += 1;
    if (closed) {
      stats.refused += 1;
      throw error;
    }
    report(error);
    gaps.add('outbox');
  }
}

/** What is set for an action on a model, else for the model, else for the action. */
function narrowest<T>(
  action: string,
  model: string | undefined,
  find: (key: string) => T | undefined,
): T | undefined {
  const byModel = model === undefined ? undefined : (find(`${model}.${action}`) ?? find(model));
  return byModel ?? find(action);
}
