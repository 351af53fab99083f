import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import type { EmptyCatalogue } from '../../event/actions.js';
import type { AuditError } from '../../event/errors.js';
import type { AuditEvent } from '../../event/event.js';
import type { AuditOptions } from '../../trail/options.js';
import { createTestAudit, type TestAudit } from '../test-audit.js';
import { type Answered, ask, type Asked } from './asking.js';
import { lineOf } from './event-line.js';
import type { HttpApp, HttpBinding, HttpSetUp, KitAsked, KitRoute, KitUser } from './http-binding.js';
import { clinicRoutes } from './routes/routes.js';
import { Signals } from './signals.js';

export interface HttpClinicOptions {
  readonly adapter?: HttpSetUp['options'];
  readonly asked?: KitAsked;
  readonly trail?: Partial<AuditOptions<EmptyCatalogue>>;
  /** Once by default. */
  readonly attachments?: number;
  /** Changes the routes, such as to take what watches them away. */
  readonly route?: (route: KitRoute) => KitRoute;
}

const PATIENCE_MS = 10_000;
const MODELS: AuditOptions<EmptyCatalogue>['models'] = {
  Patient: { subject: 'id', label: { columns: ['name'], text: ({ name }) => String(name) } },
  Invoice: {},
};

/** The clinic of the kit, running under a framework and watched by a trail. */
export class HttpClinic {
  readonly audit: TestAudit;
  readonly signals: Signals;
  readonly app: HttpApp;
  readonly #errors: AuditError[];
  readonly #seen = new Set<string>();
  #stopped: Promise<void> | undefined;

  private constructor(parts: Pick<HttpClinic, 'audit' | 'signals' | 'app'>, errors: AuditError[]) {
    this.audit = parts.audit;
    this.signals = parts.signals;
    this.app = parts.app;
    this.#errors = errors;
  }

  static async open(binding: HttpBinding, options: HttpClinicOptions = {}): Promise<HttpClinic> {
    const { adapter = {}, asked, trail, attachments = 1, route = (one) => one } = options;
    const errors: AuditError[] = [];
    const audit = createTestAudit({
      models: MODELS,
      // A store hangs for as long as a test wants, and a slow machine makes no refusals of its own.
      deadlineMs: 10_000,
      onError: (error) => void errors.push(error),
      ...trail,
    });
    const signals = new Signals();
    const app = await binding.open({
      audit,
      options: adapter,
      ...(asked === undefined ? {} : { asked }),
      routes: clinicRoutes({ audit, signals }).map(route),
      userOf: (authorization) => userOf(audit, authorization),
      attachments,
    });
    return new HttpClinic({ audit, signals, app }, errors);
  }

  /** The same clinic, which nothing watches. */
  static openPlain(binding: HttpBinding): Promise<HttpClinic> {
    const route = ({ method, path, isForbidden = false, handler }: KitRoute): KitRoute => ({
      method,
      path,
      isForbidden,
      handler,
    });
    return HttpClinic.open(binding, { attachments: 0, route });
  }

  get origin(): string {
    return this.app.origin;
  }

  ask(path: string, asked?: Asked): Promise<Answered> {
    return ask(this.origin, path, asked);
  }

  /** The events that were not looked at yet, oldest first, as soon as there are so many of them. */
  async newEvents(least: number): Promise<AuditEvent[]> {
    const events = await until(
      () => this.#unseen(),
      (unseen) => unseen.length >= least,
    );
    for (const { id } of events) this.#seen.add(id);
    return events;
  }

  /** Fails unless the events that were not looked at yet are these, each in one line. */
  async expectTold(...lines: readonly string[]): Promise<AuditEvent[]> {
    const events = await this.newEvents(lines.length);
    assert.deepEqual(events.map(lineOf), lines);
    return events;
  }

  /** As `expectTold`, for one event. */
  async expectOne(line: string): Promise<AuditEvent> {
    const [event] = await this.expectTold(line);
    return event as AuditEvent;
  }

  /** What the trail reported, which is not to be looked at again. */
  takeErrors(): AuditError[] {
    return this.#errors.splice(0);
  }

  /** For what is asked for its answers alone. */
  async disregard(): Promise<void> {
    await this.stop();
    await this.newEvents(0);
    this.takeErrors();
  }

  /** No request is being answered any more. */
  stop(): Promise<void> {
    this.signals.give('closing');
    return (this.#stopped ??= this.app.close());
  }

  /** Fails when anything was recorded, or reported, that no test has looked at. */
  async close(): Promise<void> {
    await this.stop();
    const left = await this.#unseen();
    await this.audit.close();
    assert.deepEqual(left.map(lineOf), [], 'these were recorded besides');
    assert.deepEqual(this.takeErrors(), [], 'these were reported besides');
  }

  /** As `close`, after a failure that is to be seen instead of what it leads to. */
  async abandon(): Promise<void> {
    await this.stop().catch(() => undefined);
    await this.audit.close().catch(() => undefined);
  }

  async #unseen(): Promise<AuditEvent[]> {
    return (await this.audit.events()).filter(({ id }) => !this.#seen.has(id));
  }
}

/** A clinic for one test, which must have looked at everything that was recorded. */
export async function alone(
  binding: HttpBinding,
  options: HttpClinicOptions,
  test: (clinic: HttpClinic) => Promise<void>,
): Promise<void> {
  const clinic = await HttpClinic.open(binding, options);
  try {
    await test(clinic);
  } catch (error) {
    await clinic.abandon();
    throw error;
  }
  await clinic.close();
}

/** Looks again and again until it is as it should be; what it was at last, when patience ends. */
export async function until<T>(look: () => T | Promise<T>, isDone: (value: T) => boolean): Promise<T> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const value = await look();
    if (isDone(value) || performance.now() > end) return value;
    await sleep(2);
  }
}

/** Finding out who somebody is may itself be recorded, as of those whose sign-in was renewed. */
function userOf(audit: TestAudit, authorization: string | undefined): KitUser | undefined {
  const id = /^Kit (\S+)$/.exec(authorization ?? '')?.[1];
  if (id?.startsWith('renewed-')) void audit.record({ action: 'TOKEN_REFRESH', source: 'auth' });
  return id === undefined ? undefined : { id, username: `${id}@kit`, role: 'dentist' };
}
