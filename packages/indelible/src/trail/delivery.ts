import type { Entry } from '../event/entry.js';
import { AuditError, messageOf } from '../event/errors.js';
import type { SqlConnection } from '../stores/store.js';
import { Gaps } from './gaps.js';
import type { Delivery as Mode, Settings } from './options.js';
import type { Relay } from './relay.js';
import type { Sender } from './sender.js';
import type { Spool } from './spool/spool.js';
import type { TrailStats } from './stats.js';

export interface DeliveryParts {
  readonly settings: Settings;
  readonly spool: Spool;
  readonly sender: Sender;
  readonly relay: Relay | undefined;
  readonly stats: TrailStats;
  readonly report: (error: AuditError) => void;
  /** Called when a gap can be told at once, since the store is not what failed. */
  readonly onGap: () => void;
}

/** Hands entries on in the way that was chosen for them, and decides what happens when that fails. */
export class Deliverer {
  readonly gaps: Gaps = new Gaps();
  readonly #parts: DeliveryParts;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** How an event is delivered; the narrower setting wins, and what must not be lost is waited for. */
  modeOf(action: string, model: string | undefined, hasConnection: boolean): Mode {
    if (hasConnection) return 'with-change';
    const mode = keysOf(action, model)
      .map((key) => this.#parts.settings.delivery[key])
      .find((found) => found !== undefined);
    return mode === 'with-change' || this.failsClosed(action, model) ? 'before' : (mode ?? 'soon');
  }

  failsClosed(action: string, model: string | undefined): boolean {
    const { failClosed } = this.#parts.settings;
    return typeof failClosed === 'boolean'
      ? failClosed
      : keysOf(action, model).some((key) => failClosed.includes(key));
  }

  /** In the spool when it returns. */
  soon(entry: Entry): void {
    if (this.#parts.spool.add(entry)) this.#parts.sender.wake();
    else this.#drop(entry);
  }

  /** Durable when it resolves: in the store, or, unless `closed`, on the local disk while the store is away. */
  async before(entry: Entry, closed: boolean): Promise<void> {
    try {
      await this.#inTime(this.#parts.sender.send(entry));
    } catch (error) {
      if (closed) throw this.#refuse(entry, error);
      await this.#spooled(entry, error);
    }
  }

  /**
   * In the caller's transaction when it returns, or when what it returns has resolved. When the outbox
   * cannot be written the change goes on and the gap is told, unless `closed`.
   */
  withChange(entry: Entry, connection: SqlConnection, closed: boolean): unknown {
    const { outbox } = this.#parts.settings;
    if (outbox === undefined) {
      throw new AuditError(
        'NO_OUTBOX',
        'An event was recorded with a connection, but createAudit was given no outbox; pass one, such as outbox: createSqliteOutbox(db).',
      );
    }
    try {
      const written = outbox.put(connection, [entry]);
      this.#parts.relay?.wake();
      return written instanceof Promise
        ? written.catch((error: unknown) => this.#outboxFailed(error, closed))
        : written;
    } catch (error) {
      return this.#outboxFailed(error, closed);
    }
  }

  async #spooled(entry: Entry, cause: unknown): Promise<void> {
    const { spool, sender } = this.#parts;
    if (!spool.isOnDisk || !spool.add(entry)) throw this.#refuse(entry, cause);
    await spool.sync();
    sender.wake();
  }

  #refuse(entry: Entry, cause: unknown): AuditError {
    this.#parts.stats.refused += 1;
    this.gaps.add('refused', entry.core.process?.n ?? 0);
    return new AuditError(
      'TRAIL_UNAVAILABLE',
      `${entry.core.action} was refused, because it could not be recorded: ${messageOf(cause)}`,
      cause,
    );
  }

  #drop(entry: Entry): void {
    this.#parts.stats.dropped += 1;
    this.gaps.add('no_room', entry.core.process?.n ?? 0);
    if (this.#parts.stats.dropped === 1) {
      this.#parts.report(
        new AuditError(
          'EVENTS_DROPPED',
          'Events are being dropped: the store is away, and neither the spool nor memory has room. Bring the store back, or give the spool more room.',
        ),
      );
    }
  }

  #outboxFailed(cause: unknown, closed: boolean): void {
    const error = AuditError.from(
      cause,
      'OUTBOX_UNAVAILABLE',
      'An event could not be written beside its change; run the outbox migration and check the rights on indelible_outbox',
    );
    this.#parts.stats.failures += 1;
    this.#parts.report(error);
    if (closed) {
      this.#parts.stats.refused += 1;
      throw error;
    }
    this.gaps.add('outbox', 0);
    this.#parts.onGap();
  }

  async #inTime(work: Promise<void>): Promise<void> {
    const { deadlineMs } = this.#parts.settings;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new AuditError('STORE_UNAVAILABLE', `the store did not answer within ${deadlineMs} ms`)),
        deadlineMs,
      );
    });
    // An answer that comes after the deadline is nobody's any more.
    work.catch(() => undefined);
    await Promise.race([work, late]).finally(() => clearTimeout(timer));
  }
}

function keysOf(action: string, model: string | undefined): string[] {
  return model === undefined ? [action] : [`${model}.${action}`, model, action];
}
