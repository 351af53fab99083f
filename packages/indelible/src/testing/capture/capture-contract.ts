import assert from 'node:assert/strict';

import type { TestRunner } from '../contract/contract.js';
import type { CaptureSetUp } from './clinic-set-up.js';
import { type Coverage, coverageOf } from './coverage.js';
import { expectExact, expectNoMoreStatements, expectSameAnswers, expectSameTruth } from './expectations.js';
import { describeContention } from './scenarios/contention.js';
import { describeContext } from './scenarios/context.js';
import { describeOutages } from './scenarios/outages.js';
import { describeSchema } from './scenarios/schema.js';
import type { Outcome, Scenario } from './scenario.js';
import { SCENARIOS } from './scenarios/scenarios.js';
import { ACTOR, CaptureSession } from './session.js';

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
 * captureContract('my ORM', { binding, database: 'sqlite', openHome }, () => undefined, { afterAll, describe, it });
 * ```
 */
export function captureContract(
  name: string,
  setUp: CaptureSetUp,
  onCovered: (coverage: Coverage) => void = () => undefined,
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
      onCovered(coverage);
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
    const known = this.#outcomes.get(scenario) ?? session.outcomeOf(scenario);
    this.#outcomes.set(scenario, known);
    return known;
  }
}

function lackingIn({ captured }: CaptureSession, { uses }: Scenario): string[] {
  return uses.filter((action) => captured.lacks[action] !== undefined);
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
