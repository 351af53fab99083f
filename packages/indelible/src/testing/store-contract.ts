import type { Contract, StoreUnderTest, TestRunner } from './contract/contract.js';
import { describeCounting } from './contract/counting.js';
import { describeFaceting } from './contract/faceting.js';
import { describeViewing } from './contract/viewing.js';
import { describeKeeping } from './contract/keeping.js';
import { describePaging } from './contract/paging.js';
import { describeQuestions } from './contract/questions.js';
import { describeSearching } from './contract/searching.js';
import { describeTenants } from './contract/tenants.js';
import { describeWriting } from './contract/writing.js';

export type { RawEvent, RawSubject, StoreUnderTest, TestRunner } from './contract/contract.js';

/**
 * Holds a store to every guarantee of its interface. The runner's functions are those in reach everywhere
 * unless they are given.
 *
 * @example
 * ```ts
 * import { afterAll, describe, it } from 'vitest';
 * storeContract('my store', openStoreUnderTest, { afterAll, describe, it });
 * ```
 */
export function storeContract(
  name: string,
  open: () => Promise<StoreUnderTest>,
  runner: TestRunner = globalThis as unknown as TestRunner,
): void {
  runner.describe(`the store contract: ${name}`, () => {
    const contract = new OpenContract(open, runner);
    describeWriting(contract);
    describeQuestions(contract);
    describePaging(contract);
    describeSearching(contract);
    describeTenants(contract);
    describeCounting(contract);
    describeFaceting(contract);
    describeViewing(contract);
    describeKeeping(contract);
    runner.afterAll(() => contract.remove());
  });
}

class OpenContract implements Contract {
  readonly runner: TestRunner;
  readonly #open: () => Promise<StoreUnderTest>;
  #shared: Promise<StoreUnderTest> | undefined;

  constructor(open: () => Promise<StoreUnderTest>, runner: TestRunner) {
    this.#open = open;
    this.runner = runner;
  }

  readonly shared = (): Promise<StoreUnderTest> => (this.#shared ??= this.#open());

  readonly alone = async (test: (subject: StoreUnderTest) => Promise<void>): Promise<void> => {
    const subject = await this.#open();
    try {
      await test(subject);
    } finally {
      await subject.remove();
    }
  };

  async remove(): Promise<void> {
    await (await this.#shared)?.remove();
  }
}
