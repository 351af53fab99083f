import type { TestRunner } from '../src/testing/contract/contract.js';

/** A runner that only takes down what it is given, so that a test of a kit can be run and seen to fail. */
export class Notebook implements TestRunner {
  readonly tests = new Map<string, () => Promise<void>>();
  readonly #path: string[] = [];
  #afterAll: () => Promise<void> = async () => undefined;

  readonly describe = (name: string, body: () => void): void => {
    this.#path.push(name);
    body();
    this.#path.pop();
  };
  readonly it = (name: string, body: () => Promise<void>): void => {
    this.tests.set([...this.#path.slice(1), name].join(' > '), body);
  };
  readonly afterAll = (body: () => Promise<void>): void => {
    this.#afterAll = body;
  };

  run(name: string): Promise<void> {
    return this.tests.get(name)?.() ?? Promise.reject(new Error(`There is no test ${name}.`));
  }

  end(): Promise<void> {
    return this.#afterAll();
  }
}
