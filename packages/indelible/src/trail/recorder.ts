import { randomBytes } from 'node:crypto';

import type { Completer } from '../event/complete.js';
import type { Draft } from '../event/draft.js';
import type { Entry } from '../event/entry.js';
import { AuditError } from '../event/errors.js';
import type { Actor, RequestInfo } from '../event/event.js';
import { IdGenerator, timeOf } from '../event/id.js';
import { type LooseInput, readInput } from '../event/input.js';
import type { SqlConnection } from '../stores/store.js';
import type { ContextStack } from './context.js';
import type { Deliverer } from './delivery.js';
import type { TrailStats } from './stats.js';

export interface RecorderParts {
  readonly context: ContextStack;
  readonly deliverer: Deliverer;
  readonly completer: Completer;
  readonly stats: TrailStats;
  readonly report: (error: AuditError) => void;
}

/** An event that was begun: its id, and what must resolve before it is delivered as was asked. */
interface Begun {
  readonly id: string | undefined;
  readonly done: Promise<void> | undefined;
}

const OWN_ACTOR: Actor = { type: 'system', name: 'indelible' };

/** The one way in for every source: completes an event with its context, cleans it, and hands it on. */
export class Recorder {
  /** Names this process in every event it numbers. */
  readonly processId: string = randomBytes(8).toString('hex');
  readonly #parts: RecorderParts;
  readonly #ids: IdGenerator;
  #lastN = 0;

  constructor(parts: RecorderParts) {
    const { report } = parts;
    this.#parts = parts;
    this.#ids = new IdGenerator(
      () => Date.now(),
      (backwardsMs) => {
        report(
          new AuditError(
            'CLOCK_JUMPED',
            `The clock of this machine went back by ${backwardsMs} ms; ids follow it. Check its time synchronisation.`,
          ),
        );
      },
    );
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
      return done === undefined ? Promise.resolve(id) : this.#after(done, id);
    } catch (error) {
      return this.refuse(error);
    }
  }

  /** As `record`, on a connection that answers at once; throws instead of rejecting. */
  recordSync(input: LooseInput, connection: SqlConnection): string | undefined {
    const { id, done } = this.#begin(input, connection);
    if (done === undefined) return id;
    done.catch(() => undefined);
    throw new AuditError(
      'NO_CONNECTION',
      'recordSync needs a connection that answers at once, such as fromSqlite(db); use record with this one.',
    );
  }

  /** Records one of the trail's own events, which are the program's, whoever's request they fall into. */
  recordOwn(action: string, fields: Pick<LooseInput, 'outcome' | 'metadata'>): boolean {
    const { context, deliverer, stats } = this.#parts;
    const input = { action, source: 'system', actor: OWN_ACTOR, ...fields } as const;
    const entry = context.outside(() => this.#complete(input, true, true));
    stats.recorded += 1;
    return entry !== undefined && deliverer.soon(entry);
  }

  /** A rejection that is told, and that ends no program whose author does not wait for it. */
  refuse(cause: unknown): Promise<never> {
    const error = AuditError.from(cause, 'TRAIL_UNAVAILABLE', 'The event could not be recorded');
    this.#parts.report(error);
    const refused = Promise.reject(error);
    refused.catch(() => undefined);
    return refused;
  }

  #after(done: Promise<void>, id: string | undefined): Promise<string | undefined> {
    const recorded = done.then(
      () => id,
      (error: unknown) => this.refuse(error),
    );
    recorded.catch(() => undefined);
    return recorded;
  }

  #begin(given: LooseInput, connection: SqlConnection | undefined): Begun {
    const { deliverer, stats } = this.#parts;
    const { input, isWhole } = readInput(given);
    const action = typeof input.action === 'string' ? input.action.toUpperCase() : 'OTHER';
    const model = typeof input.target?.type === 'string' ? input.target.type : undefined;
    const mode = deliverer.modeOf(action, model, connection !== undefined);
    const entry = this.#complete(input, isWhole, mode !== 'with-change');
    if (entry === undefined) return { id: undefined, done: undefined };
    stats.recorded += 1;
    return {
      id: entry.core.id,
      done: this.#deliver(entry, mode, deliverer.failsClosed(action, model), connection),
    };
  }

  #deliver(
    entry: Entry,
    mode: string,
    closed: boolean,
    connection: SqlConnection | undefined,
  ): Promise<void> | undefined {
    const { deliverer } = this.#parts;
    if (connection) return deliverer.withChange(entry, connection, closed);
    if (mode === 'before') return deliverer.before(entry, closed);
    deliverer.soon(entry);
    return undefined;
  }

  /** Events that a transaction vouches for carry no number: it may still roll back. */
  #complete(input: Partial<LooseInput>, isWhole: boolean, isNumbered: boolean): Entry | undefined {
    const { context } = this.#parts;
    const id = this.#ids.next();
    const around = readInput(context.current());
    // Not a spread: with members behind it, that takes ten times as long in the engine of Node 20.
    const draft: Draft = Object.assign(around.input, input, {
      action: input.action as string,
      actor: input.actor ?? around.input.actor ?? context.nobody(),
      request: merged(around.input.request, input.request),
      id,
      timestamp: timeOf(id),
      isWhole: isWhole && around.isWhole,
    });
    return this.#parts.completer.complete(
      draft,
      isNumbered ? () => ({ id: this.processId, n: (this.#lastN += 1) }) : undefined,
    );
  }
}

function merged(around: RequestInfo | undefined, own: RequestInfo | undefined): RequestInfo | undefined {
  return around && own ? Object.assign({}, around, own) : (own ?? around);
}
