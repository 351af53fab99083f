import assert from 'node:assert/strict';

import type { TestRunner } from '../contract/contract.js';
import type { CaptureSetUp } from './clinic-set-up.js';
import { type Coverage, coverageOf } from './coverage.js';
import {
  expectExact,
  expectNoMoreStatements,
  expectSameAnswers,
  expectSameTruth,
  statementsAllowed,
} from './expectations.js';
import { describeContention } from './scenarios/contention.js';
import { describeContext } from './scenarios/context.js';
import { describeOutages } from './scenarios/outages.js';
import { describeSchema } from './scenarios/schema.js';
import type { Outcome, Scenario } from './scenario.js';
import { SCENARIOS } from './scenarios/scenarios.js';
import { ACTOR, CaptureSession } from './session.js';

export {
  type ClinicAction,
  type ClinicActions,
  type ClinicBinding,
  type ClinicDatabase,
  type ClinicPlace,
  type ClinicStep,
  type ClinicTransaction,
  type ClinicWork,
  endOf,
  type Lacking,
  type OpenClinic,
  RolledBack,
  takeSteps,
} from './clinic-orm.js';
export type { CaptureSetUp, ClinicHome, ClinicQuery } from './clinic-set-up.js';
export type { Coverage } from './coverage.js';

/** The least share of row changes that must be told exactly; the rest must be told by a STATEMENT. */
const LEAST_EXACT = { postgres: 0.97, sqlite: 1 };
const LEAST_ROWS = 50;

/**
 * Holds an ORM's adapter to account: everything a clinic's records go through is done twice, without capture
 * and with it, and what triggers of the kit's own saw is compared with what the trail tells. The runner's
 * functions are those in reach everywhere unless they are given.
 *
 * @example
 * ```ts
 * import { afterAll, describe, it } from 'vitest';
 * captureContract('my ORM', { binding, database: 'sqlite', openHome }, { afterAll, describe, it });
 * ```
 */
export function captureContract(
  name: string,
  setUp: CaptureSetUp,
  runner: TestRunner = globalThis as unknown as TestRunner,
): void {
  const { describe, it, afterAll } = runner;
  describe(`the capture contract: ${name}`, () => {
    const contract = new CaptureContract(setUp);
    const scenarios = SCENARIOS.filter(({ databases }) => databases.includes(setUp.database));
    for (const scenario of scenarios) it(scenario.title, () => contract.expect(scenario));
    it('covers what changes: nothing is missed, and next to nothing is only told as a statement', async () => {
      const coverage = await contract.cover(scenarios);
      const { rows, exact, reported, missed, wrong } = coverage;
      assert.ok(rows >= LEAST_ROWS, `only ${rows} rows were changed`);
      assert.deepEqual(
        { missed, wrong, unaccounted: rows - exact - reported },
        { missed: 0, wrong: 0, unaccounted: 0 },
      );
      assert.ok(exact >= rows * LEAST_EXACT[setUp.database], `only ${exact} of ${rows} are exact`);
      setUp.onCovered?.(coverage);
    });
    describeContention(setUp, runner);
    describeContext(setUp, runner);
    describeOutages(setUp, runner);
    describeSchema(setUp, runner);
    afterAll(() => contract.close());
  });
}

class CaptureContract {
  readonly #setUp: CaptureSetUp;
  readonly #outcomes = new Map<Scenario, Promise<Outcome>>();
  #session: Promise<CaptureSession> | undefined;

  constructor(setUp: CaptureSetUp) {
    this.#setUp = setUp;
  }

  async expect(scenario: Scenario): Promise<void> {
    const session = await this.#open();
    expectThere(session, scenario);
    if (lackingIn(session, scenario).length > 0) return expectDeclared(session, scenario);
    const outcome = await this.#outcomeOf(scenario);
    expectSameAnswers(outcome);
    if (scenario.isCompared) {
      expectSameTruth(outcome);
      expectExact(outcome, scenario.mayBeReported);
    }
    scenario.check(outcome);
    for (const { actor } of outcome.events) assert.equal(actor.id, ACTOR.id);
    expectNoMoreStatements(outcome);
  }

  /** Does what was not done yet, such as when a runner was asked for this test alone. */
  async cover(scenarios: readonly Scenario[]): Promise<Coverage> {
    const session = await this.#open();
    const possible = scenarios.filter(
      (scenario) => scenario.isCounted && lackingIn(session, scenario).length === 0,
    );
    const outcomes: Outcome[] = [];
    for (const scenario of possible) outcomes.push(await this.#outcomeOf(scenario));
    return coverageOf(outcomes, session.captured.lacks);
  }

  async close(): Promise<void> {
    await (await this.#session)?.close();
  }

  #open(): Promise<CaptureSession> {
    return (this.#session ??= CaptureSession.open(this.#setUp));
  }

  async #outcomeOf(scenario: Scenario): Promise<Outcome> {
    const session = await this.#open();
    const known = this.#outcomes.get(scenario) ?? steadyOutcome(session, scenario);
    this.#outcomes.set(scenario, known);
    return known;
  }
}

/** Now and then an engine reads the catalogue anew, which is no part of what a scenario costs: never twice in a row. */
async function steadyOutcome(session: CaptureSession, scenario: Scenario): Promise<Outcome> {
  const outcome = await session.outcomeOf(scenario);
  return outcome.sent.statements.length > statementsAllowed(outcome) ? session.outcomeOf(scenario) : outcome;
}

function lackingIn({ captured }: CaptureSession, { uses }: Scenario): string[] {
  return uses.filter((action) => captured.lacks[action] !== undefined);
}

const BESIDE_ACTIONS: ReadonlySet<string> = new Set(['savepoint', 'serializable']);

/** Nothing may be left out without a word. */
function expectThere({ captured }: CaptureSession, { uses }: Scenario): void {
  const absent = uses.filter(
    (action) =>
      !BESIDE_ACTIONS.has(action) && !(action in captured.actions) && captured.lacks[action] === undefined,
  );
  assert.deepEqual(absent, [], 'the binding neither has nor declares them');
}

/** What an ORM cannot do it must not have, and must say why. */
function expectDeclared({ captured, plain }: CaptureSession, { uses }: Scenario): void {
  for (const action of uses) {
    const reason = captured.lacks[action];
    if (reason === undefined) continue;
    assert.match(reason, /\w+ \w+.*\.$/, `${action} is declared as lacking without a sentence`);
    assert.ok(!(action in captured.actions), `${action} is declared as lacking and is there`);
    assert.equal(plain.lacks[action], reason);
  }
}
