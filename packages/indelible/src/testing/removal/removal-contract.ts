import type { TestRunner } from '../contract/contract.js';
import { describeDeciding } from './deciding.js';
import { describeErasing } from './erasing.js';
import { describePurging } from './purging.js';
import { describeRemoving } from './removing.js';
import { describeSelecting } from './selecting.js';
import type { RemovalContract, RemovalUnderTest } from './under-test.js';

export type { RawErasable, RemovalUnderTest, RemovingStore } from './under-test.js';

/**
 * Holds a store to every guarantee of letting events go: what is selected, by a reading of the kit's own; what is
 * removed, by the raw rows; and what has to stay as it was.
 *
 * @example
 * ```ts
 * import { afterAll, describe, it } from 'vitest';
 * removalContract('my store', openStoreUnderTest, { afterAll, describe, it });
 * ```
 */
export function removalContract(
  name: string,
  open: () => Promise<RemovalUnderTest>,
  runner: TestRunner = globalThis as unknown as TestRunner,
): void {
  runner.describe(`the removal contract: ${name}`, () => {
    const contract = new OpenContract(open, runner);
    describeSelecting(contract);
    describeDeciding(contract);
    describeRemoving(contract);
    describePurging(contract);
    describeErasing(contract);
    runner.afterAll(() => contract.remove());
  });
}

class OpenContract implements RemovalContract {
  readonly runner: TestRunner;
  readonly #open: () => Promise<RemovalUnderTest>;
  readonly #kept: RemovalUnderTest[] = [];

  constructor(open: () => Promise<RemovalUnderTest>, runner: TestRunner) {
    this.#open = open;
    this.runner = runner;
  }

  readonly kept = async (): Promise<RemovalUnderTest> => {
    const subject = await this.#open();
    this.#kept.push(subject);
    return subject;
  };

  readonly alone = async (test: (subject: RemovalUnderTest) => Promise<void>): Promise<void> => {
    const subject = await this.#open();
    try {
      await test(subject);
    } finally {
      await subject.remove();
    }
  };

  async remove(): Promise<void> {
    for (const subject of this.#kept) await subject.remove();
  }
}
