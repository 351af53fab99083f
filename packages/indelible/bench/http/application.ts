import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { Child } from './child.js';
import type { Answers } from './server/main.js';
import type { Framework, Variant } from './variants.js';

const PROGRAM = new URL('./server/main.ts', import.meta.url);

/** One of the applications, running in a process of its own with databases of its own. */
export class RunningApplication {
  readonly variant: Variant;
  readonly port: number;
  readonly #child: Child;
  readonly #folder: string;

  private constructor(variant: Variant, port: number, child: Child, folder: string) {
    this.variant = variant;
    this.port = port;
    this.#child = child;
    this.#folder = folder;
  }

  static async open(framework: Framework, variant: Variant): Promise<RunningApplication> {
    const folder = mkdtempSync(path.join(tmpdir(), 'indelible-http-'));
    const { child, hello } = await Child.start(PROGRAM, framework, variant, folder);
    return new RunningApplication(variant, (hello as { port: number }).port, child, folder);
  }

  async ask<K extends keyof Answers>(what: K): Promise<Answers[K]> {
    return (await this.#child.ask(what)) as Answers[K];
  }

  async close(): Promise<void> {
    await this.#child.close();
    rmSync(this.#folder, { recursive: true });
  }
}
