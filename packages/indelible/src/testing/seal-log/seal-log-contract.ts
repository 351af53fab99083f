import type { TestRunner } from '../contract/contract.js';
import { describePending } from './pending.js';
import { describeReading } from './reading.js';
import { describeSealing } from './sealing.js';
import { describeStrays } from './strays.js';
import type { SealLogContract, SealLogUnderTest } from './under-test.js';

export type { SealedStore, SealLogUnderTest } from './under-test.js';

/**
 * Holds a store's log to every guarantee of its interface: what is sealed, and what is not, by a Merkle tree of
 * the kit's own. The runner's functions are those in reach everywhere unless they are given.
 *
 * @example
 * ```ts
 * import { afterAll, describe, it } from 'vitest';
 * sealLogContract('my store', openStoreUnderTest, { afterAll, describe, it });
 * ```
 */
export function sealLogContract(
  name: string,
  open: () => Promise<SealLogUnderTest>,
  runner: TestRunner = globalThis as unknown as TestRunner,
): void {
  runner.describe(`the seal log contract: ${name}`, () => {
    const contract = new OpenContract(open, runner);
    describePending(contract);
    describeSealing(contract);
    describeReading(contract);
    describeStrays(contract);
    runner.afterAll(() => contract.remove());
  });
}

class OpenContract implements SealLogContract {
  readonly runner: TestRunner;
  readonly #open: () => Promise<SealLogUnderTest>;
  readonly #kept: SealLogUnderTest[] = [];

  constructor(open: () => Promise<SealLogUnderTest>, runner: TestRunner) {
    this.#open = open;
    this.runner = runner;
  }

  readonly kept = async (): Promise<SealLogUnderTest> => {
    const subject = await this.#open();
    this.#kept.push(subject);
    return subject;
  };

  readonly alone = async (test: (subject: SealLogUnderTest) => Promise<void>): Promise<void> => {
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
