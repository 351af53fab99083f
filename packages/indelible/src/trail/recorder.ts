import { randomBytes } from 'node:crypto';

import { Completer } from '../event/complete.js';
import type { Entry } from '../event/entry.js';
import { AuditError } from '../event/errors.js';
import type { Actor } from '../event/event.js';
import { IdGenerator, timeOf } from '../event/id.js';
import { type LooseInput, readInput } from '../event/input.js';
import type { SqlConnection } from '../stores/store.js';
import type { ContextStack } from './context.js';
import type { Deliverer } from './delivery.js';
import type { Settings } from './options.js';
import type { TrailStats } from './stats.js';

export interface RecorderParts {
  readonly settings: Settings;
  readonly context: ContextStack;
  readonly deliverer: Deliverer;
  readonly stats: TrailStats;
  readonly report: (error: AuditError) => void;
}

/** Outside any context it is the program itself that acts; inside one where nobody signed in, nobody we know. */
const SYSTEM: Actor = { type: 'system', name: 'system' };
const ANONYMOUS: Actor = { type: 'anonymous' };

/** The one way in for every source: completes an event with its context, cleans it, and hands it on. */
export class Recorder {
  /** Names this process in every event it numbers. */
  readonly processId: string = randomBytes(8).toString('hex');
  readonly #parts: RecorderParts;
  readonly #completer: Completer;
  readonly #ids: IdGenerator;
  #lastN = 0;

  constructor(parts: RecorderParts) {
    const { settings, report } = parts;
    this.#parts = parts;
    this.#completer = new Completer(settings);
    this.#ids = new IdGenerator(Date.now, (backwardsMs) => {
      report(
        new AuditError(
          'CLOCK_JUMPED',
          `The clock of this machine went back by ${backwardsMs} ms; ids follow it. Check its time synchronisation.`,
        ),
      );
    });
  }

  get lastNumber(): number {
    return this.#lastN;
  }

  /**
   * Resolves to the event's id, or to undefined for an update that changed nothing. Never rejects for what
   * the event holds; rejects only when it is refused, together with what it describes.
   */
  record(input: LooseInput, connection?: SqlConnection): Promise<string | undefined> {
    try {
      const { id, done } = this.#begin(input, connection);
      return done instanceof Promise ? done.then(() => id) : Promise.resolve(id);
    } catch (error) {
      return Promise.reject(AuditError.from(error, 'TRAIL_UNAVAILABLE', 'The event could not be recorded'));
    }
  }

  /** As `record`, on a connection that answers at once; throws instead of rejecting. */
  recordSync(input: LooseInput, connection: SqlConnection): string | undefined {
    const { id, done } = this.#begin(input, connection);
    if (done instanceof Promise) {
      done.catch(() => undefined);
      throw new AuditError(
        'NO_CONNECTION',
        'recordSync needs a connection that answers at once, such as fromSqlite(db); use record with this one.',
      );
    }
    return id;
  }

  #begin(
    given: LooseInput,
    connection: SqlConnection | undefined,
  ): { id: string | undefined; done: unknown } {
    const { input, isWhole } = readInput(given);
    const action = typeof input.action === 'string' ? input.action : 'OTHER';
    const model = typeof input.target?.type === 'string' ? input.target.type : undefined;
    const { deliverer, stats } = this.#parts;
    const mode = deliverer.modeOf(action, model, connection !== undefined);
    const entry = this.#complete(input, isWhole, mode !== 'with-change');
    if (entry === undefined) return { id: undefined, done: undefined };
    stats.recorded += 1;
    if (mode === 'soon') deliverer.soon(entry);
    const closed = deliverer.failsClosed(action, model);
    const done =
      mode === 'before'
        ? deliverer.before(entry, closed)
        : connection && deliverer.withChange(entry, connection, closed);
    return { id: entry.core.id, done };
  }

  /** Events that a transaction vouches for carry no number: it may still roll back. */
  #complete(input: Partial<LooseInput>, isWhole: boolean, isNumbered: boolean): Entry | undefined {
    const id = this.#ids.next();
    const around = readInput(this.#parts.context.current());
    const draft = {
      ...around.input,
      ...input,
      action: input.action as string,
      actor: input.actor ?? around.input.actor ?? this.#nobody(around.input),
      request:
        input.request && around.input.request
          ? { ...around.input.request, ...input.request }
          : (input.request ?? around.input.request),
      id,
      timestamp: timeOf(id),
      isWhole: isWhole && around.isWhole,
    };
    return this.#completer.complete(
      draft,
      isNumbered ? () => ({ id: this.processId, n: (this.#lastN += 1) }) : undefined,
    );
  }

  #nobody(context: Partial<LooseInput>): Actor {
    return context.request === undefined ? SYSTEM : ANONYMOUS;
  }
}
