import { AsyncResource } from 'node:async_hooks';

import { AuditError } from '../../../event/errors.js';
import { Call } from './call.js';
import { type Callback, type Client, type Query, startQueue, type Submittable } from './driver.js';
import { HANDLERS } from './interception.js';
import { Session, type SessionParts } from './session.js';
import { intercept } from './statement.js';

/** The code of the notice by which `indelible_put` says that it could not write. */
const OUTBOX_REFUSED = 'IND01';

/** The methods of a client as they were before it captured. */
export interface Base {
  connect(callback: Callback): unknown;
  query(query: Submittable | null | undefined): unknown;
  end(callback?: Callback): unknown;
  emit(event: string | symbol, ...args: unknown[]): boolean;
}

/** What a client does otherwise when it captures; the rest is as it was. */
export class CapturingClient {
  readonly #client: Client;
  readonly #base: Base;
  readonly #session: Session;

  constructor(client: Client, base: Base, parts: SessionParts) {
    this.#client = client;
    this.#base = base;
    this.#session = new Session(client, parts);
  }

  /** The client is handed out when it knows the tables. */
  connect(callback?: Callback): unknown {
    if (callback !== undefined) return this.#connect(callback);
    return new Promise((resolve, reject) => {
      this.#connect((error) => (error ? reject(error) : resolve(this.#client)));
    });
  }

  /** As `connect`, for a client that is connected already, and idle. */
  adopt(callback: Callback): void {
    this.#greet((problem) => {
      this.#session.gate.open();
      callback(problem);
    });
    startQueue(this.#client);
  }

  query(config: unknown, values?: unknown, callback?: unknown): unknown {
    if (config === null || config === undefined) return this.#base.query(config);
    if (isSubmittable(config)) return this.#submit(config, values, callback);
    const query = new this.#session.Query(config, values, callback);
    if (typeof config === 'object' && config !== null && 'query_timeout' in config)
      query.query_timeout = config.query_timeout;
    const result = this.#answerOf(query);
    this.#send(query);
    return result;
  }

  /** A cursor is closed before what it did is told, and the driver does not wait for that. */
  end(callback?: Callback): unknown {
    if (!this.#session.isTelling) return this.#base.end(callback);
    if (callback !== undefined) return this.#session.whenTold(() => void this.#base.end(callback));
    return new Promise((resolve) => {
      this.#session.whenTold(() => void this.#base.end(resolve));
    });
  }

  /** The application need not see what is reported elsewhere. */
  emit(event: string | symbol, ...args: unknown[]): boolean {
    const [notice] = args;
    if (event !== 'notice' || !isRefusalOfOutbox(notice)) return this.#base.emit(event, ...args);
    this.#session.database.capturing.lost(
      new AuditError('OUTBOX_UNAVAILABLE', `The outbox refused a change: ${notice.message}`),
    );
    return true;
  }

  #connect(callback: Callback): void {
    this.#base.connect((error: unknown, ...rest: unknown[]) => {
      if (error) {
        this.#session.gate.open();
        callback(error, ...rest);
        return;
      }
      this.#greet((problem) => {
        if (problem) callback(problem);
        else callback(undefined, this.#client);
        this.#session.gate.open();
      });
    });
  }

  #greet(callback: Callback): void {
    // Whoever made the client listens when it is handed out; until then a lost connection would end the process.
    const ignore = (): void => undefined;
    this.#client.on('error', ignore);
    this.#session.greet((lost) => {
      this.#client.removeListener('error', ignore);
      const problem = lost ?? this.#session.refusal;
      if (problem !== undefined) this.#client.end(() => undefined);
      // When the driver is done with our last question: it warns of a query that comes before that.
      process.nextTick(() => callback(problem));
    });
  }

  /** A callback runs in the context of its call, and not in that of whoever opened the connection. */
  #answerOf(query: Query): unknown {
    if (typeof query.callback === 'function') {
      query.callback = AsyncResource.bind(query.callback as Callback);
      return undefined;
    }
    if (query.callback) throw new TypeError('callback is not a function');
    return new Promise((resolve, reject) => {
      query.callback = (error: unknown, result: unknown) => (error ? reject(error) : resolve(result));
    }).catch((error: unknown) => {
      // The stack of a socket's event says nothing; the one of the call does.
      if (error instanceof Error) Error.captureStackTrace(error);
      throw error;
    });
  }

  #submit(query: Submittable, values: unknown, callback: unknown): unknown {
    const given = typeof values === 'function' ? values : callback;
    if (!query.callback && typeof given === 'function') query.callback = given;
    answerInContext(query);
    this.#send(query);
    return query;
  }

  #send(query: Submittable): void {
    const call = new Call(this.#session.database.capturing);
    const statement = intercept(this.#session, query, call);
    this.#session.gate.pass(() => this.#base.query(query));
    statement.keepContext();
  }
}

/** A cursor's callbacks and a query's events come in the context of its call too. */
function answerInContext(query: Submittable): void {
  const call = new AsyncResource('indelible.query');
  for (const name of HANDLERS) {
    const own = query[name];
    if (own !== undefined) Object.assign(query, { [name]: call.runInAsyncScope.bind(call, own, query) });
  }
}

function isSubmittable(value: unknown): value is Submittable {
  return (
    typeof value === 'object' && value !== null && 'submit' in value && typeof value.submit === 'function'
  );
}

function isRefusalOfOutbox(notice: unknown): notice is { readonly message: string } {
  return typeof notice === 'object' && notice !== null && 'code' in notice && notice.code === OUTBOX_REFUSED;
}
