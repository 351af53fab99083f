import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const ROOT: string = resolve(dirname(fileURLToPath(import.meta.url)), '..');

export interface Outcome {
  ok: boolean;
  /** Standard output and error, interleaved as they came; empty when it was streamed. */
  output: string;
  seconds: number;
}

export interface CommandOptions {
  cwd?: string;
  /** Show the output while it comes instead of keeping it. */
  stream?: boolean;
  env?: NodeJS.ProcessEnv;
}

/** The path of a tool among the installed development dependencies. */
export function tool(name: string): string {
  return resolve(ROOT, 'node_modules/.bin', name);
}

/** Runs a command to its end; a command that fails or cannot be started is an outcome, not an exception. */
export async function run(command: string, args: string[], options: CommandOptions = {}): Promise<Outcome> {
  const started = performance.now();
  const child = spawn(command, args, {
    cwd: options.cwd ?? ROOT,
    stdio: options.stream === true ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    env: options.env ?? process.env,
  });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const problem = await ending(child);
  const output = Buffer.concat(chunks).toString() + (problem ?? '');
  return { ok: problem === undefined, output, seconds: (performance.now() - started) / 1000 };
}

/** Why the command did not end well; undefined when it did. */
async function ending(child: ReturnType<typeof spawn>): Promise<string | undefined> {
  try {
    await once(child, 'close');
  } catch (cause) {
    return `(could not be started: ${String(cause)})`;
  }
  if (child.signalCode !== null) return `(ended by ${child.signalCode})`;
  return child.exitCode === 0 ? undefined : `(ended with code ${child.exitCode})`;
}
