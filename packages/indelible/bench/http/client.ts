import { Child } from './child.js';
import type { Pace, Paced } from './load/main.js';

const PROGRAM = new URL('./load/main.ts', import.meta.url);

/** The client that asks at a constant rate, running in a process of its own. */
export class RunningClient {
  readonly #child: Child;

  private constructor(child: Child) {
    this.#child = child;
  }

  static async start(): Promise<RunningClient> {
    const { child } = await Child.start(PROGRAM);
    return new RunningClient(child);
  }

  async pace(pace: Pace): Promise<Paced> {
    return (await this.#child.ask(pace)) as Paced;
  }

  close(): Promise<void> {
    return this.#child.close();
  }
}
