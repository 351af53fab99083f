import type { AuditError } from '../../event/errors.js';
import type { AuditEvent } from '../../event/event.js';
import type { Audit } from '../../trail/create-audit.js';
import type { AuditOptions } from '../../trail/options.js';
import type { EmptyCatalogue } from '../../event/actions.js';
import { createTestAudit, eventsOf } from '../test-audit.js';
import { type Shown, shown } from './answers.js';
import type { ClinicActions, ClinicPlace, OpenClinic } from './clinic-orm.js';
import type { CaptureSetUp, ClinicHome } from './clinic-set-up.js';
import { CLINIC_MODELS } from './clinic-tables.js';
import { compare } from './compare.js';
import { recorded } from './recorded.js';
import type { Outcome, Scenario } from './scenario.js';
import { seed } from './seed.js';
import { readTruth, type TruthRow, watchRows } from './truth.js';
import { NOTHING_SENT, type Sent, WireCounter } from './wire-counter.js';

/** In whose name a scenario acts. */
export const ACTOR = { type: 'user', id: 'dr-grace', name: 'Grace' } as const;
/** So that a megabyte is kept whole, on both sides. */
const LIMITS = { changesBytes: 16 * 1024 ** 2 };

export interface SessionOptions extends Partial<AuditOptions<EmptyCatalogue>> {
  /** How many connections the ORM may have. One, by default: whatever needs a second one would wait for ever. */
  readonly poolSize?: number;
}

/** An ORM opened twice on one database, with capture and without, and a trail. */
export class CaptureSession {
  readonly setUp: CaptureSetUp;
  readonly home: ClinicHome;
  readonly audit: Audit;
  readonly captured: OpenClinic;
  readonly plain: OpenClinic;
  readonly #counter: WireCounter | undefined;
  readonly #errors: AuditError[];
  readonly #seen = new Set<string>();

  private constructor(
    parts: Pick<CaptureSession, 'setUp' | 'home' | 'audit' | 'captured' | 'plain'>,
    counter: WireCounter | undefined,
    errors: AuditError[],
  ) {
    this.setUp = parts.setUp;
    this.home = parts.home;
    this.audit = parts.audit;
    this.captured = parts.captured;
    this.plain = parts.plain;
    this.#counter = counter;
    this.#errors = errors;
  }

  static async open(setUp: CaptureSetUp, options: SessionOptions = {}): Promise<CaptureSession> {
    const { poolSize = 1, ...auditOptions } = options;
    const home = await setUp.openHome();
    await watchRows(setUp.database, home.query);
    await seed(setUp.database, home.query);
    const errors: AuditError[] = [];
    const audit = createTestAudit({
      outbox: home.outbox,
      models: CLINIC_MODELS,
      limits: LIMITS,
      onError: (error) => void errors.push(error),
      ...auditOptions,
    });
    const place = home.place(poolSize);
    const counter =
      place.database === 'postgres' ? await WireCounter.open(place.connectionString) : undefined;
    const counted: ClinicPlace =
      place.database === 'postgres' && counter
        ? { ...place, connectionString: counter.connectionString }
        : place;
    const plain = await setUp.binding.open(counted, undefined);
    const captured = await setUp.binding.open(counted, audit);
    return new CaptureSession({ setUp, home, audit, captured, plain }, counter, errors);
  }

  /** Does the same twice on the same rows, without capture and with it, and looks at what came of it. */
  async outcomeOf(scenario: Scenario): Promise<Outcome> {
    const { database } = this.setUp;
    const without = await this.#run(this.plain, scenario);
    const within = await this.audit.run({ actor: ACTOR }, () => this.#run(this.captured, scenario));
    const events = await this.newEvents();
    return {
      database,
      answers: within.answers,
      plainAnswers: without.answers,
      truth: within.truth,
      plainTruth: without.truth,
      events,
      account: compare(database, within.truth, events),
      errors: this.takeErrors(),
      sent: within.sent,
      plainSent: without.sent,
    };
  }

  async #run(
    clinic: OpenClinic,
    scenario: Scenario,
  ): Promise<{ answers: Outcome['answers']; truth: readonly TruthRow[]; sent: Sent }> {
    const { database } = this.setUp;
    await seed(database, this.home.query);
    // What a connection asks before its first statement is no part of the scenario.
    await clinic.actions.countAppointments?.('booked');
    this.#counter?.take();
    const answers: Shown[] = [];
    answers.push(shown(await scenario.run(recorded(clinic, answers), database)));
    const sent = this.#counter?.take() ?? NOTHING_SENT;
    return { answers, truth: await readTruth(this.home.query), sent };
  }

  /** An action with capture that every ORM has. */
  action<A extends keyof ClinicActions>(name: A): ClinicActions[A] {
    const action = this.captured.actions[name];
    if (action === undefined) throw new Error(`No ORM can do without ${name}.`);
    return action;
  }

  /** What was recorded since the last time, oldest first. */
  async newEvents(): Promise<AuditEvent[]> {
    const events = (await eventsOf(this.audit)).filter(({ id }) => !this.#seen.has(id));
    for (const { id } of events) this.#seen.add(id);
    return events;
  }

  /** What the trail reported since the last time. */
  takeErrors(): AuditError[] {
    return this.#errors.splice(0);
  }

  async close(): Promise<void> {
    await Promise.all([this.captured.close(), this.plain.close()]);
    await this.audit.close();
    await this.#counter?.close();
    await this.home.remove();
  }
}

/** Runs a test on a session of its own. */
export async function alone(
  setUp: CaptureSetUp,
  options: SessionOptions,
  test: (session: CaptureSession) => Promise<void>,
): Promise<void> {
  const session = await CaptureSession.open(setUp, options);
  try {
    await test(session);
  } finally {
    await session.close();
  }
}
