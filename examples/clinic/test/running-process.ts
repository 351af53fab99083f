import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { Client } from './client.js';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** The clinic as a process of its own, as `npm start` runs it. */
export class RunningProcess {
  readonly output: () => string;
  readonly #child: ChildProcess;

  /** Resolves when the clinic says that it is open. */
  static async start(dataDir: string, env: Readonly<Record<string, string>> = {}): Promise<RunningProcess> {
    const child = spawn(process.execPath, ['--import', 'tsx', MAIN], {
      env: { ...process.env, CLINIC_DATA_DIR: dataDir, CLINIC_MONTHS: '1', PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    await new Promise<void>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
          if (text.includes('The clinic is open')) resolve();
        });
      }
      child.once('exit', (code) => reject(new Error(`The clinic ended with ${code}: ${text}`)));
    });
    return new RunningProcess(child, () => text);
  }

  private constructor(child: ChildProcess, output: () => string) {
    this.#child = child;
    this.output = output;
  }

  get anybody(): Client {
    const port = /localhost:(\d+)/.exec(this.output())?.[1];
    return new Client(`http://127.0.0.1:${port}`);
  }

  /** Sends a signal; answers how the process ended. */
  async end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    const exit = once(this.#child, 'exit');
    this.#child.kill(signal);
    const [code, by] = (await exit) as [number | null, NodeJS.Signals | null];
    return code ?? by;
  }
}
