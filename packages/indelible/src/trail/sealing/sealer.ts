import { AsyncResource } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

import { AuditError } from '../../event/errors.js';
import { inTime } from '../deadline.js';
import type { TrailStats } from '../stats.js';
import { type Turn, Turns, type TurnsOptions } from './turns.js';

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 30_000;
/** While nothing comes the log is looked at less often, up to so many times the interval. */
const LAZINESS = 5;
/** So that processes which began together do not look together for ever. */
const JITTER = 0.2;
/** Whoever stands by looks so many times less often, and never at the same time as the others. */
const [STANDBY_LEAST, STANDBY_SPREAD] = [3, 2];
/** How often in a row another may be quicker before sealing everything is given up. */
const MOST_PASSED = 100;
const PASSED_MS = 20;

export interface SealerOptions extends TurnsOptions {
  /** How long what this process stored waits to be sealed, in milliseconds. */
  readonly everyMs: number;
  readonly stats: TurnsOptions['stats'] & Pick<TrailStats, 'sealFailures'>;
  readonly report: (error: AuditError) => void;
}

/**
 * Gives stored events their place in the log, batch by batch, as long as the process lives. Of several processes
 * one works: whoever finds that the log was moved on by another stands by, and takes over when nothing moves any
 * more. Nothing here is thrown at the application; a log that is not the one that was sealed is left alone.
 */
export class Sealer {
  readonly #options: SealerOptions;
  readonly #turns: Turns;
  /** The work is nobody's request: else it would run in the context of whoever happened to wake it. */
  readonly #scope = new AsyncResource('IndelibleSealer');
  #timer: NodeJS.Timeout | undefined;
  #waitMs = 0;
  #turnedAt = 0;
  #retryMs = 0;
  #isStandingBy = false;
  #isClosed = false;
  /** When nothing is begun any more. */
  #endsAt = Infinity;
  /** Why nothing is sealed any more. */
  #alarm: AuditError | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: SealerOptions) {
    this.#options = options;
    this.#turns = new Turns(options);
  }

  start(): void {
    this.#schedule(this.#options.everyMs);
  }

  /** So many events were stored by this process. */
  wake(count: number): void {
    const { stats, everyMs } = this.#options;
    stats.unsealed += count;
    if (this.#retryMs > 0 || this.#isStandingBy || this.#waitMs <= everyMs) return;
    this.#schedule(Math.max(this.#turnedAt + everyMs - performance.now(), 0));
  }

  /** Records which key signs, when that is news; what fails is told, and tried again. */
  async announce(): Promise<void> {
    const announced = this.#next(async () => {
      await this.#turns.announce();
      return 'idle';
    });
    await announced.catch(() => undefined);
  }

  /** Resolves when everything that is stored now is sealed; rejects when it cannot be. */
  async sealAll(): Promise<void> {
    for (let passed = 0; passed < MOST_PASSED && performance.now() < this.#endsAt;) {
      const turn = await this.#next(() => this.#turns.take(true));
      if (turn === 'sealed' || turn === 'idle') return;
      passed = turn === 'passed' ? passed + 1 : 0;
      if (turn === 'passed') await sleep(Math.random() * PASSED_MS);
    }
    throw new AuditError(
      'STORE_UNAVAILABLE',
      'Not everything could be sealed in time; the next turn, here or in another process, seals the rest.',
    );
  }

  /** Leaves what is pending to another process, or to the next start. */
  stop(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  /** Seals what is pending, if that can be done in time; what is left is sealed by another process, or the next start. */
  async close(): Promise<void> {
    this.stop();
    if (this.#alarm !== undefined) return;
    const { deadlineMs } = this.#options;
    this.#endsAt = performance.now() + deadlineMs;
    try {
      await inTime(this.sealAll(), deadlineMs, 'the log in the store');
    } catch (error) {
      if (this.#retryMs === 0) this.#failed(error);
    }
  }

  #schedule(waitMs: number): void {
    clearTimeout(this.#timer);
    if (this.#isClosed || this.#alarm !== undefined) return;
    this.#waitMs = waitMs;
    this.#timer = this.#scope.runInAsyncScope(() => setTimeout(() => void this.#turn(), waitMs).unref());
  }

  async #turn(): Promise<void> {
    this.#turnedAt = performance.now();
    const turned = this.#next(() => this.#takeOrLook());
    const waitMs = turned.then(
      (turn) => this.#waitAfter(turn),
      () => this.#retryMs,
    );
    this.#schedule(await waitMs);
  }

  async #takeOrLook(): Promise<Turn> {
    if (!this.#isStandingBy) return this.#turns.take(false);
    return (await this.#turns.look()) ? this.#turns.take(true) : 'passed';
  }

  #waitAfter(turn: Turn): number {
    const { everyMs } = this.#options;
    if (turn === 'more') return 0;
    if (turn === 'sealed') return everyMs;
    if (this.#isStandingBy) return everyMs * (STANDBY_LEAST + Math.random() * STANDBY_SPREAD);
    const longer = Math.min(Math.max(this.#waitMs * 2, everyMs), everyMs * LAZINESS);
    return longer * (1 + Math.random() * JITTER);
  }

  /** One after the other: what one has read, another must not have sealed. */
  #next(work: () => Promise<Turn>): Promise<Turn> {
    const next = this.#last.then(() => this.#attempt(work));
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #attempt(work: () => Promise<Turn>): Promise<Turn> {
    if (this.#alarm !== undefined) throw this.#alarm;
    try {
      const turn = await work();
      this.#retryMs = 0;
      if (turn === 'passed') this.#isStandingBy = true;
      if (turn === 'sealed' || turn === 'more') this.#isStandingBy = false;
      return turn;
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Told once, however often it is tried again, unless it turns out to be an alarm. */
  #failed(cause: unknown): AuditError {
    const error = asUnsealed(AuditError.from(cause, 'STORE_UNAVAILABLE', 'The store failed'));
    const isAlarm = error.code === 'LOG_INCONSISTENT';
    this.#options.stats.sealFailures += 1;
    if (this.#retryMs === 0 || isAlarm) this.#options.report(error);
    if (isAlarm) this.#alarm = error;
    this.#retryMs = Math.min(Math.max(this.#retryMs * 2, FIRST_RETRY_MS), LAST_RETRY_MS);
    return error;
  }
}

/** A failure of the store, with what it means here. */
function asUnsealed(error: AuditError): AuditError {
  if (!error.code.startsWith('STORE_')) return error;
  return new AuditError(
    error.code,
    `Events are stored and cannot be sealed; it is tried again. Where another program seals, set seal: false. ${error.message}`,
    error,
  );
}
