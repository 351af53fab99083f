import { AsyncResource } from 'node:async_hooks';

import { AuditError } from '../../../event/errors.js';
import type { Capturing } from '../../capturing.js';
import { CapturingClient, type Base } from './client.js';
import { Database, type LoadPlanners } from './database.js';
import type { Callback, Client, ClientClass, Pool, PoolClass } from './driver.js';
import { loadPlanners } from './planners.js';

/** Where a client, pool or module keeps to what it is attached, also for another copy of the library. */
const ATTACHED = Symbol.for('indelible.capture.pg');

export interface AttachOptions {
  /**
   * Gives rewritten statements names, so that the server plans each only once: most of what a single write
   * costs more. Off by default, since PgBouncer before 1.21 loses such names in transaction mode.
   */
  readonly prepare?: boolean | undefined;
}

export interface AttachParts extends AttachOptions {
  /** Reads the catalogue and makes planners of it. */
  readonly load?: LoadPlanners | undefined;
}

/** Makes clients capture, and lets those of one database share what they know of it. */
export class Attachment {
  readonly #capturing: Capturing;
  readonly #load: LoadPlanners;
  readonly #prepare: boolean | undefined;
  readonly #databases = new Map<string, Database>();

  constructor(capturing: Capturing, { prepare, load = loadPlanners }: AttachParts) {
    this.#capturing = capturing;
    this.#load = load;
    this.#prepare = prepare;
  }

  /** True when it captures for this trail already; throws when it captures for another. */
  has(target: object, what: string): boolean {
    const attached: unknown = Reflect.get(target, ATTACHED);
    if (attached === undefined || attached === this.#capturing) return attached !== undefined;
    throw new AuditError(
      'INVALID_OPTIONS',
      `This ${what} is attached to another trail already. Make a ${what} for each trail, or attach it once.`,
    );
  }

  claim(target: object): void {
    Object.defineProperty(target, ATTACHED, { value: this.#capturing });
  }

  clientClass(Plain: ClientClass): ClientClass {
    const start = (client: Client, base: Base): CapturingClient => this.#start(client, base, Plain);
    const Capturing = class Client extends Plain {
      readonly #capturing: CapturingClient;

      constructor(config?: unknown) {
        super(config);
        this.#capturing = start(this, {
          connect: (callback) => super.connect(callback),
          query: (query) => super.query(query),
          end: (callback) => super.end(callback),
          emit: (event, ...args) => super.emit(event, ...args),
        });
      }

      override connect(callback?: Callback): unknown {
        return this.#capturing.connect(callback);
      }

      override query(config: unknown, values?: unknown, callback?: unknown): unknown {
        return this.#capturing.query(config, values, callback);
      }

      override end(callback?: Callback): unknown {
        return this.#capturing.end(callback);
      }

      override emit(event: string | symbol, ...args: unknown[]): boolean {
        return this.#capturing.emit(event, ...args);
      }
    };
    this.claim(Capturing);
    return Capturing;
  }

  client(client: Client, Plain: ClientClass): CapturingClient {
    this.claim(client);
    const base = {
      connect: client.connect.bind(client),
      query: client.query.bind(client),
      end: client.end.bind(client),
      emit: client.emit.bind(client),
    };
    const capturing = this.#start(client, base, Plain);
    client.connect = (callback) => capturing.connect(callback);
    client.query = (config, values, callback) => capturing.query(config, values, callback);
    client.end = (callback) => capturing.end(callback);
    client.emit = (event, ...args) => capturing.emit(event, ...args);
    return capturing;
  }

  /**
   * Has a pool make capturing clients, and call back in the context of whoever asked for one. A client that the
   * pool has already begins to capture when it is next handed out.
   */
  pool(pool: Pool): void {
    this.claim(pool);
    if (!this.has(pool.Client, 'pool')) pool.Client = this.clientClass(pool.Client);
    const connect = pool.connect.bind(pool);
    pool.connect = (callback) => {
      if (callback !== undefined) return connect(AsyncResource.bind(this.#adopting(pool, callback)));
      return this.#adopted(pool, connect() as Promise<Client>);
    };
  }

  poolClass(Plain: PoolClass): PoolClass {
    const attach = (pool: Pool): void => this.pool(pool);
    return class Pool extends Plain {
      constructor(config?: unknown) {
        super(config);
        attach(this);
      }
    };
  }

  #adopting(pool: Pool, callback: Callback): Callback {
    return (error, client, release) => {
      if (error || !isOld(pool, client)) return callback(error, client, release);
      return this.#adopt(client, (problem) => {
        if (problem) (release as Callback)(true);
        callback(problem, problem ? undefined : client, release);
      });
    };
  }

  async #adopted(pool: Pool, connected: Promise<Client>): Promise<Client> {
    const client = await connected;
    if (!isOld(pool, client)) return client;
    return new Promise((resolve, reject) => {
      this.#adopt(client, (problem) => (problem ? reject(problem) : resolve(client)));
    });
  }

  #adopt(client: Client, callback: Callback): void {
    if (this.has(client, 'client')) callback();
    else this.client(client, client.constructor as ClientClass).adopt(callback);
  }

  #start(client: Client, base: Base, { Query }: ClientClass): CapturingClient {
    return new CapturingClient(client, base, {
      Query,
      prepare: this.#prepare,
      database: this.#databaseOf(client),
    });
  }

  #databaseOf({ host, port, database, user }: Client): Database {
    const key = JSON.stringify([host, port, database, user]);
    const known = this.#databases.get(key) ?? new Database(this.#capturing, this.#load);
    this.#databases.set(key, known);
    return known;
  }
}

/** True for a client that was made before its pool captured. */
function isOld(pool: Pool, client: unknown): client is Client {
  return typeof client === 'object' && client !== null && !(client instanceof pool.Client);
}
