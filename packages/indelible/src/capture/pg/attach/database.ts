import { AuditError } from '../../../event/errors.js';
import type { Capturing } from '../../capturing.js';
import { inTime } from '../../../trail/deadline.js';
import type { Plan } from '../plan.js';
import type { Ask } from './aside.js';
import type { Greeting } from './greeting.js';

export interface PlannerLike {
  plan(text: string): Plan;
}

/** Makes planners of what was read of a database. */
export interface Planners {
  /** The planner for a connection that looks for names without a schema in these, in their order. */
  planner(searchPath: readonly string[]): PlannerLike;
  /** How many tables are captured; asks on the connection that the catalogue was read on. */
  count(): Promise<number>;
}

/** Reads a database's catalogue. */
export type LoadPlanners = (capturing: Capturing, ask: Ask) => Promise<Planners>;

const NO_OUTBOX =
  'The function indelible_put, which writes changes to the outbox, is missing in this database, or its user may not ' +
  'execute it, so changes cannot be captured. Run: npx indelible migrate';

const NO_CATALOGUE =
  "The catalogue of the application's database could not be read, so changes cannot be captured";

const REFRESH_MS = 30_000;
const PATIENCE_MS = 10_000;
/** Errors may ask for the catalogue at any rate, and are mostly the application's own. */
const REPAIR_MS = 1_000;
const MOST_BROKEN = 1_000;

/** What all connections to one database as one user know of it. */
export class Database {
  readonly capturing: Capturing;
  readonly #load: LoadPlanners;
  readonly #broken = new Map<string, string>();
  #planners: Planners | undefined;
  #put: string | undefined;
  #problem: AuditError | undefined;
  #loading: Promise<void> | undefined;
  #loadedAt = -Infinity;
  #isTold = false;

  constructor(capturing: Capturing, load: LoadPlanners) {
    this.capturing = capturing;
    this.#load = load;
  }

  /** Undefined when it could not be read; the problem says why. */
  get planners(): Planners | undefined {
    return this.#planners;
  }

  get problem(): AuditError | undefined {
    return this.#problem;
  }

  /** The function that writes to the outbox, as SQL. */
  get put(): string | undefined {
    return this.#put;
  }

  /** True now and then, for one that asks: it should read everything anew. */
  isOld(): boolean {
    if (this.#loading !== undefined || performance.now() - this.#loadedAt <= REFRESH_MS) return false;
    this.#loadedAt = performance.now();
    return true;
  }

  /** True when some write must not go on without its event, while it cannot be known which one writes what. */
  isClosed(): boolean {
    const verbs = ['INSERT', 'UPDATE', 'DELETE', 'STATEMENT'] as const;
    return verbs.some((verb) => this.capturing.failsClosed(verb, undefined));
  }

  /** False when it was read a moment ago, so that reading it again would hardly help. */
  mayBeRepaired(): boolean {
    return performance.now() - this.#loadedAt > REPAIR_MS;
  }

  /** Reads everything for all connections, unless another one is doing so already. */
  async join(ask: Ask, greeting: Greeting): Promise<void> {
    if (this.#planners === undefined) await this.#loading;
    if (this.#planners === undefined || this.isOld()) await this.load(ask, greeting);
  }

  /** Reads everything for all connections, as it is from now on. */
  async load(ask: Ask, greeting: Greeting): Promise<void> {
    while (this.#loading !== undefined) await this.#loading;
    // A connection that stops answering must not hold up all the others.
    const read = inTime(this.#read(ask, greeting), PATIENCE_MS, 'the catalogue', 'OUTBOX_UNAVAILABLE');
    this.#loading = read
      .catch(() => undefined)
      .finally(() => {
        this.#loading = undefined;
      });
    await this.#loading;
  }

  /** Reads everything for one connection alone, whose transaction has defined something. */
  loadLocally(ask: Ask): Promise<Planners> {
    return this.#load(this.capturing, ask);
  }

  /** A rewritten text that the server does not understand is told instead, for as long as its plan is the same. */
  breakPlan(text: string, reason: string): void {
    if (this.#broken.size >= MOST_BROKEN) this.#broken.clear();
    this.#broken.set(text, reason);
  }

  mendPlan(text: string): void {
    this.#broken.delete(text);
  }

  brokenBecause(text: string): string | undefined {
    return this.#broken.size === 0 ? undefined : this.#broken.get(text);
  }

  /** A catalogue that cannot be read again is better old than not at all; a missing outbox is certain. */
  async #read(ask: Ask, { put, version }: Greeting): Promise<void> {
    this.#loadedAt = performance.now();
    this.#put = put;
    if (put === undefined) {
      this.#planners = undefined;
      this.#problem = new AuditError('OUTBOX_UNAVAILABLE', NO_OUTBOX);
      return;
    }
    try {
      this.#planners = await this.#load(this.capturing, ask);
      this.#problem = undefined;
      await this.#tell(version, this.#planners);
    } catch (error) {
      if (this.#planners === undefined)
        this.#problem = AuditError.from(error, 'OUTBOX_UNAVAILABLE', NO_CATALOGUE);
    }
  }

  async #tell(version: string, planners: Planners): Promise<void> {
    if (this.#isTold) return;
    this.#isTold = true;
    const tables = await planners.count();
    this.capturing.attached(
      `PostgreSQL ${version} through pg: ${tables} ${tables === 1 ? 'table' : 'tables'}`,
    );
  }
}
