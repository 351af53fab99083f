import type { TestRunner } from '../contract/contract.js';
import type { HttpBinding } from './http-binding.js';
import { SCENARIOS } from './scenarios/scenarios.js';

export {
  askedOptions,
  type HttpApp,
  type HttpBinding,
  type HttpDifference,
  type HttpSetUp,
  type KitAnswer,
  type KitAsked,
  type KitHeader,
  type KitReading,
  KitRefusal,
  type KitRequest,
  type KitRoute,
  type KitUser,
} from './http-binding.js';

/** The framework that is held to account. */
export interface HttpContractSetUp {
  readonly binding: HttpBinding;
}

/**
 * Holds a framework's adapter to account: a small clinic runs under the framework on a real socket, and for
 * whatever is asked of it the trail must tell exactly what happened, and the answers must be what they would have
 * been without it. Needs the package `graphql`. The runner's functions are those in reach everywhere unless they
 * are given.
 *
 * @example
 * ```ts
 * import { afterAll, describe, it } from 'vitest';
 * httpContract('my framework', { binding }, { afterAll, describe, it });
 * ```
 */
export function httpContract(
  name: string,
  { binding }: HttpContractSetUp,
  runner: TestRunner = globalThis as unknown as TestRunner,
): void {
  const { describe, it } = runner;
  describe(`the HTTP contract: ${name}`, () => {
    for (const scenario of SCENARIOS) it(scenario.title, () => scenario.run(binding));
  });
}
