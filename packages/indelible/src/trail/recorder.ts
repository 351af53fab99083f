import { randomBytes } from 'node:crypto';

import type { Completer } from '../event/complete.js';
import type { Draft } from '../event/draft.js';
import type { Entry } from '../event/entry.js';
import { AuditError } from '../event/errors.js';
import type { Actor } from '../event/event.js';
import { IdGenerator, timeOf } from '../event/id.js';
import { type LooseInput, readInput } from '../event/input.js';
import type { SqlConnection } from '../stores/store.js';
import type { ContextStack } from './context.js';
import type { Deliverer } from './delivery.js';
import { isFloodable } from './folding/floods.js';
import type { Unnumbered } from './folding/fold.js';
import type { Folding } from './folding/folding.js';
import { inContext } from './in-context.js';
import type { TrailStats } from './stats.js';

export interface RecorderParts {
  readonly context: ContextStack;
  readonly deliverer: Deliverer;
  readonly completer: Completer;
  readonly folding: Folding;
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
   * Resolves to the event's id, or to undefined for an update that changed nothing, and for one of a flood.
   * Never rejects for what the event holds; rejects only when it is refused, together with what it describes.
   */
  record(input: LooseInput, connection?: SqlConnection): Promise<string | undefined> {
    try {
      const { id, done } = this.#begin(input, connection);
      return done === undefined ? Promise.resolve(id) : this.#after(done, id);
    } catch (error) {
      return this.refuse(error);
    }
  }

  /** As `record`, for whoever must wait only when there is something to wait for. */
  recordNow(input: LooseInput): Promise<void> | undefined {
    try {
      const done = this.#begin(input, undefined).done?.catch((error: unknown) => this.refuse(error));
      done?.catch(() => undefined);
      return done;
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
    return this.recordApart({ action, source: 'system', actor: OWN_ACTOR, ...fields });
  }

  /** Records what nobody waits for, in no context. False when there was no room for it. */
  recordApart(input: LooseInput): boolean {
    const { context, deliverer, stats } = this.#parts;
    const entry = context.outside(() => this.#complete(inContext(readInput(input), context), true));
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
    const { context, deliverer, stats } = this.#parts;
    const draft = inContext(readInput(given), context);
    const action = typeof draft.action === 'string' ? draft.action.toUpperCase() : 'OTHER';
    const model = typeof draft.target?.type === 'string' ? draft.target.type : undefined;
    const mayFold = connection === undefined && isFloodable(action, draft);
    const whole = mayFold ? this.#unlessCounted(action, draft) : draft;
    const mode = deliverer.modeOf(action, model, connection !== undefined);
    const entry = whole && this.#complete(whole, mode !== 'with-change');
    if (entry === undefined) return { id: undefined, done: undefined };
    stats.recorded += 1;
    context.witness?.saw(entry.core);
    return {
      id: entry.core.id,
      done: this.#deliver(entry, mode, deliverer.failsClosed(action, model), connection),
    };
  }

  /** Undefined for one of a flood, which is told with the others. The first of them says that there may be more. */
  #unlessCounted(action: string, draft: Unnumbered): Unnumbered | undefined {
    const { context, folding } = this.#parts;
    const fate = folding.flood(action, draft);
    if (fate === 'told') return draft;
    if (fate === 'announced') return { ...draft, metadata: withWord(draft.metadata) };
    const isSignIn = action === 'LOGIN_FAILED';
    context.witness?.saw({
      action,
      outcome: draft.outcome ?? (isSignIn ? 'failure' : 'denied'),
      source: draft.source ?? (isSignIn ? 'auth' : 'manual'),
      target: draft.target,
    });
    return undefined;
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
  #complete(given: Unnumbered, isNumbered: boolean): Entry | undefined {
    const id = this.#ids.next();
    const draft: Draft = Object.assign(given, { id, timestamp: timeOf(id) });
    return this.#parts.completer.complete(
      draft,
      isNumbered ? () => ({ id: this.processId, n: (this.#lastN += 1) }) : undefined,
    );
  }
}

function withWord(metadata: LooseInput['metadata']): Record<string, unknown> {
  try {
    return { ...metadata, folding: true };
  } catch {
    // A proxy or a getter that throws; what can be read of it is read as a member.
    return { given: metadata, folding: true };
  }
}
