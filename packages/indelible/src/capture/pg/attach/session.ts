import { AuditError } from '../../../event/errors.js';
import type { Plan, Rewritten, Told } from '../plan.js';
import { Aside, type Ask } from './aside.js';
import type { Database, PlannerLike, Planners } from './database.js';
import { isServerError, queueOf, type Client, type QueryClass, type Submittable } from './driver.js';
import { Gate } from './gate.js';
import { greet, SEARCH_PATH, searchPathOf, type Greeting } from './greeting.js';
import { PreparedNames } from './names.js';

/** A statement that may write, while it cannot be known what. */
export interface Unplanned {
  readonly kind: 'unplanned';
  readonly problem: AuditError;
}

/** A statement that is told because its rewritten text failed. */
export interface Doubted extends Told {
  readonly doubted: Rewritten;
}

/** What of a connection's knowledge no longer holds. */
type Stale = 'nothing' | 'path' | 'catalogue';

const MAY_WRITE = /\b(insert|update|delete|merge|truncate|copy|do|call|execute)\b/i;
const ROW_LOCK = /\bfor\s+(no\s+key\s+)?update\b/gi;
const DEFINES = /\b(create|alter|drop)\b/i;

export interface SessionParts {
  readonly Query: QueryClass;
  readonly database: Database;
  readonly prepare: boolean | undefined;
}

/** What is known of one connection, and what waits on it. */
export class Session {
  readonly client: Client;
  readonly database: Database;
  readonly Query: QueryClass;
  readonly names: PreparedNames;
  readonly gate: Gate;
  /** As the server said it last: I outside of a transaction, T inside, E inside one that has failed. */
  status = 'I';
  #searchPath: readonly string[] = [];
  /** Why the search path is not known. */
  #unknown: string | undefined = 'it was not asked yet.';
  /** The catalogue as only this connection's open transaction sees it. */
  #local: Planners | undefined;
  #planner: { readonly of: Planners; readonly planner: PlannerLike } | undefined;
  #stale: Stale = 'nothing';
  /** What an open transaction has changed, and what its end may change again. */
  #unsettled: Stale = 'nothing';
  #hasWritten = false;
  #lastTag = '';
  #running: (() => void)[] | undefined;
  #telling: (() => void)[] | undefined;
  #isOpening = false;

  constructor(client: Client, { Query, database, prepare }: SessionParts) {
    this.client = client;
    this.Query = Query;
    this.database = database;
    this.names = new PreparedNames(prepare);
    this.gate = new Gate(client.pipeline === true);
    // Before the client's own listeners, which send the next statement.
    client.connection.prependListener('commandComplete', ({ text }) => {
      this.#lastTag = text;
    });
    client.connection.prependListener('readyForQuery', ({ status }) => this.#ready(status ?? 'I'));
  }

  /** True when what was sent may change what the next statement means. */
  get isUnsettled(): boolean {
    return this.#unsettled !== 'nothing';
  }

  /** Learns what must be known before the first statement is sent; what it calls back with is a lost connection. */
  greet(onEnd: (lost: unknown) => void): void {
    this.#aside(async (ask) => {
      const greeting = await this.#greet(ask);
      if (greeting !== undefined) await this.database.join(ask, greeting);
    }, onEnd);
  }

  /** Why no write may go through this connection. */
  get refusal(): AuditError | undefined {
    if (this.#plannerNow() !== undefined) return undefined;
    return this.database.isClosed() ? this.#problem : undefined;
  }

  plan(text: string): Plan | Doubted | Unplanned {
    const planner = this.#plannerNow();
    if (planner === undefined) return this.#withoutPlanner(text);
    const plan = planner.plan(text);
    if (plan.kind !== 'rewritten') return plan;
    const reason = this.database.brokenBecause(plan.text);
    if (reason === undefined) return plan;
    return { kind: 'told', verb: plan.command, tables: [], models: [plan.model], reason, doubted: plan };
  }

  /** A statement went through that defines tables or sets the search path. */
  changed(what: Stale): void {
    if (this.#stale !== 'catalogue') this.#stale = what;
  }

  /** Has the catalogue read anew after a statement that should have worked; false when that was done just now. */
  repair(): boolean {
    // In pipeline mode what was sent already stands in the way.
    if (this.client.pipeline === true || !this.database.mayBeRepaired()) return false;
    this.changed('catalogue');
    return true;
  }

  /** True when a write on this model must not go on when it cannot be captured row by row. */
  isClosed(model: string | undefined): boolean {
    const { capturing } = this.database;
    return capturing.onUnsupported === 'throw' || capturing.failsClosed('STATEMENT', model);
  }

  /** After an error the server has something to say yet, and what was changed before it to be learnt. */
  openWhenReady(): void {
    this.#isOpening = true;
  }

  /** Something was written to the outbox on this connection. */
  wrote(): void {
    if (this.status === 'I') this.database.capturing.written();
    else this.#hasWritten = true;
  }

  /** Puts a query of ours, or of the application's once more, in front of all that waits. */
  sendNext(query: Submittable): void {
    queueOf(this.client).unshift(query);
  }

  /** True while a statement that was done is not yet in the outbox. */
  get isTelling(): boolean {
    return this.#telling !== undefined;
  }

  whenTold(callback: () => void): void {
    if (this.#telling === undefined) callback();
    else this.#telling.push(callback);
  }

  /** Calls back when what is started has. */
  telling(start: (onTold: () => void) => void, callback: () => void): void {
    const waiting = (this.#telling = [] as (() => void)[]);
    start(() => {
      this.#telling = undefined;
      callback();
      for (const each of waiting) each();
    });
  }

  /** Calls back when the connection's knowledge is right again: at once when nothing is being learnt. */
  whenLearnt(callback: () => void): void {
    if (this.#running === undefined) callback();
    else this.#running.push(callback);
  }

  #plannerNow(): PlannerLike | undefined {
    const planners = this.#local ?? this.database.planners;
    if (planners === undefined || this.#unknown !== undefined) return undefined;
    if (this.#planner?.of !== planners)
      this.#planner = { of: planners, planner: planners.planner(this.#searchPath) };
    return this.#planner.planner;
  }

  #withoutPlanner(text: string): Plan | Unplanned {
    if (MAY_WRITE.test(text.replace(ROW_LOCK, ''))) return { kind: 'unplanned', problem: this.#problem };
    return { kind: 'passed', definesTables: DEFINES.test(text) };
  }

  get #problem(): AuditError {
    return (
      this.database.problem ??
      new AuditError('OUTBOX_UNAVAILABLE', `Changes cannot be captured on this connection: ${this.#unknown}`)
    );
  }

  #ready(status: string): void {
    const isUndone = this.#lastTag === 'ROLLBACK';
    this.status = status;
    if (status === 'I') this.#endTransaction(isUndone);
    else if (this.#stale !== 'nothing') this.#unsettled = broader(this.#unsettled, this.#stale);
    else if (isUndone) this.#stale = this.#unsettled;
    this.#lastTag = '';
    if (status !== 'E' && this.#running === undefined) this.#learn();
    if (!this.#isOpening) return;
    this.#isOpening = false;
    this.whenLearnt(() => this.gate.open());
  }

  #endTransaction(isUndone: boolean): void {
    if (this.#hasWritten && !isUndone) this.database.capturing.written();
    this.#hasWritten = false;
    this.#stale = broader(this.#stale, this.#unsettled);
    this.#unsettled = 'nothing';
  }

  #learn(): void {
    const stale = this.#stale;
    this.#stale = 'nothing';
    if (stale === 'catalogue')
      this.#aside(
        (ask) => this.#loadAnew(ask),
        () => undefined,
      );
    else if (stale === 'path') this.#learnPath();
    else if (this.#isIdle() && this.database.isOld())
      this.#aside(
        (ask) => this.#loadAnew(ask),
        () => undefined,
      );
  }

  async #loadAnew(ask: Ask): Promise<void> {
    const isOpen = this.status !== 'I';
    const greeting = await this.#greet(ask);
    if (greeting === undefined) return;
    if (isOpen) this.#local = await this.database.loadLocally(ask);
    else {
      await this.database.load(ask, greeting);
      this.#local = undefined;
    }
  }

  /** Undefined when the server does not say; the connection is without a planner then. */
  async #greet(ask: Ask): Promise<Greeting | undefined> {
    try {
      const greeting = await greet(ask);
      this.#look(greeting.searchPath);
      this.names.learnProcess(this.client.processID, greeting.processId);
      return greeting;
    } catch (error) {
      if (!isServerError(error)) throw error;
      this.#unknown = error.message;
      return undefined;
    }
  }

  #learnPath(): void {
    const running = (this.#running = [] as (() => void)[]);
    this.sendNext(
      new this.Query(
        { text: SEARCH_PATH },
        undefined,
        (error: unknown, result?: { rows: Record<string, unknown>[] }) => {
          if (result !== undefined) this.#look(searchPathOf(result.rows[0]));
          else if (isServerError(error)) this.#unknown = error.message;
          this.#learnt(running);
        },
      ),
    );
  }

  #look(searchPath: readonly string[]): void {
    this.#unknown = undefined;
    this.#searchPath = searchPath;
    this.#planner = undefined;
  }

  #aside(work: (ask: Ask) => Promise<void>, onEnd: (error: unknown) => void): void {
    const running = (this.#running = [] as (() => void)[]);
    const end = (error: unknown): void => {
      onEnd(error);
      this.#learnt(running);
    };
    this.sendNext(new Aside(this.client, this.Query, work, end));
  }

  #learnt(running: (() => void)[]): void {
    this.#running = undefined;
    for (const callback of running) callback();
  }

  /** In pipeline mode what was sent already would be answered first. */
  #isIdle(): boolean {
    return this.status === 'I' && !this.client.pipeline && queueOf(this.client).length === 0;
  }
}

function broader(one: Stale, other: Stale): Stale {
  if (one === 'catalogue' || other === 'catalogue') return 'catalogue';
  return one === 'path' || other === 'path' ? 'path' : 'nothing';
}
