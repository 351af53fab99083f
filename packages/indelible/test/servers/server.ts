import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, closeSync, cpSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Account, serverAccount } from './account.js';
import type { Binaries } from './binaries.js';
import { probe } from './probe.js';
import { reasonOf } from './reason.js';
import { watchFolder, type Watch } from './watch.js';

/** `fast` rolls back and writes a checkpoint; `immediate` is a crash, recovered from at the next start. */
export type StopMode = 'fast' | 'immediate';

const SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const;
const START_BUDGET_MS = 30_000;
const PORT_ATTEMPTS = 5;

/** A PostgreSQL server of our own on a free port of 127.0.0.1, in a temporary folder, with fsync on. */
export class OwnServer {
  readonly name: string;
  readonly version: string;
  readonly major: number;
  readonly #folder: string;
  readonly #bin: string;
  readonly #account: Account;
  readonly #watch: Watch;
  #port = 0;
  #process: ChildProcess | undefined;

  private constructor(binaries: Binaries, folder: string, account: Account) {
    this.version = binaries.version;
    this.major = binaries.major;
    this.name = `PostgreSQL ${binaries.version} (${binaries.source === 'embedded' ? 'embedded' : 'started'})`;
    this.#folder = folder;
    this.#account = account;
    this.#bin = reachableBinaries(binaries.bin, folder, account);
    this.#watch = watchFolder({ pgCtl: join(this.#bin, 'pg_ctl'), data: this.#data, folder, account });
  }

  static async launch(binaries: Binaries): Promise<OwnServer> {
    const account = serverAccount();
    const folder = mkdtempSync(join(tmpdir(), 'indelible-pg-'));
    if (account.uid !== undefined && account.gid !== undefined) chownSync(folder, account.uid, account.gid);
    const server = new OwnServer(binaries, folder, account);
    try {
      await server.#initialize();
      await server.#startOnFreePort();
      return server;
    } catch (cause) {
      await server.close();
      throw cause;
    }
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.#port}/postgres`;
  }

  get port(): number {
    return this.#port;
  }

  /** Starts the stopped server again on its port, with the data it had. */
  async start(): Promise<void> {
    if (this.#process !== undefined) throw new Error(`${this.name} is already running`);
    const child = this.#spawn();
    this.#process = child;
    const deadline = Date.now() + START_BUDGET_MS;
    while (!(await this.#answers())) {
      if (hasEnded(child)) {
        this.#process = undefined;
        throw new Error(`${this.name} did not start:\n${this.#log()}`);
      }
      if (Date.now() > deadline) throw new Error(`${this.name} does not answer:\n${this.#log()}`);
      await sleep(20);
    }
  }

  async stop(mode: StopMode): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || hasEnded(child)) return;
    const ended = once(child, 'exit');
    child.kill(SIGNALS[mode]);
    await ended;
  }

  /** Stops the server and removes its folder. */
  async close(): Promise<void> {
    await this.stop('immediate');
    await this.#watch.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #data(): string {
    return join(this.#folder, 'data');
  }

  async #initialize(): Promise<void> {
    const initdb = join(this.#bin, 'initdb');
    const options = [
      '-D',
      this.#data,
      '-U',
      'postgres',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--no-locale',
      '--no-sync',
    ];
    try {
      await promisify(execFile)(initdb, options, { cwd: this.#folder, ...this.#account });
    } catch (cause) {
      throw new Error(`${this.name}: initdb failed in ${this.#folder}: ${reasonOf(cause)}`, { cause });
    }
  }

  /** Between finding a free port and listening on it another process may take it. */
  async #startOnFreePort(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      this.#port = await freePort();
      try {
        return await this.start();
      } catch (cause) {
        if (attempt === PORT_ATTEMPTS || !reasonOf(cause).includes('could not bind')) throw cause;
      }
    }
  }

  #spawn(): ChildProcess {
    const log = openSync(join(this.#folder, 'log'), 'a');
    try {
      const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${this.#folder}`];
      return spawn(
        join(this.#bin, 'postgres'),
        ['-D', this.#data, '-p', String(this.#port), ...settings.flatMap((setting) => ['-c', setting])],
        // A group of its own: Ctrl-C in the terminal is for the test runner, which stops the server itself.
        { cwd: this.#folder, stdio: ['ignore', log, log], detached: true, ...this.#account },
      );
    } finally {
      closeSync(log);
    }
  }

  async #answers(): Promise<boolean> {
    return typeof (await probe(this.url)) !== 'string';
  }

  #log(): string {
    return readFileSync(join(this.#folder, 'log'), 'utf8').split('\n').slice(-20).join('\n');
  }
}

/** The account may not enter the folder the binaries are in (a clone under /root), so it gets a copy. */
function reachableBinaries(bin: string, folder: string, account: Account): string {
  try {
    execFileSync(join(bin, 'postgres'), ['--version'], { cwd: folder, stdio: 'ignore', ...account });
    return bin;
  } catch (cause) {
    if (account.uid === undefined) throw cause;
    const copy = join(folder, 'installation');
    cpSync(dirname(bin), copy, { recursive: true, verbatimSymlinks: true });
    // The watch, which removes the folder, runs under the account too.
    execFileSync('chown', ['-R', `${account.uid}:${account.gid}`, copy]);
    return join(copy, 'bin');
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  listener.close();
  await once(listener, 'close');
  if (address === null || typeof address === 'string') throw new Error('No free port on 127.0.0.1');
  return address.port;
}
