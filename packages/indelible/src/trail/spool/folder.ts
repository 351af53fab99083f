import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A file nobody has touched for this long has no living owner, whatever its name says. */
const DEAD_AFTER_MS = 60_000;
const ENDING = '.spool';

/** Spools of this process: a second trail in it must not take the first one's files for those of the dead. */
const LIVING = living();

/**
 * The folder of one store's spool. Every process writes files of its own, named for host and process, and
 * takes over those of processes that died, so that what they had acknowledged still arrives.
 */
export class SpoolFolder {
  readonly path: string;
  readonly #owner: string;
  #files = 0;

  /** `storeName` keeps the spools of two trails apart that share a folder. */
  constructor(dir: string, storeName: string) {
    const key = createHash('sha256').update(storeName).digest('hex').slice(0, 12);
    this.path = path.resolve(dir, key);
    this.#owner = `${hostName()}-${process.pid}-${randomUUID().slice(0, 8)}`;
    fs.mkdirSync(this.path, { recursive: true, mode: 0o700 });
    LIVING.add(this.#owner);
  }

  /** A path for a new file of this process. */
  newFile(): string {
    this.#files += 1;
    return path.join(this.path, `${this.#owner}-${this.#files}${ENDING}`);
  }

  /** Takes over what dead processes left: each file is renamed first, so that only one taker gets it. */
  adopt(): string[] {
    return fs
      .readdirSync(this.path)
      .filter((name) => name.endsWith(ENDING) && this.#isOrphan(name))
      .flatMap((name) => this.#take(name));
  }

  /** Keeps what could not be read or stored, for a person to look at. */
  setAside(name: 'damaged' | 'refused', lines: readonly string[]): string {
    const file = path.join(this.path, `${name}.log`);
    fs.appendFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
    return file;
  }

  close(): void {
    LIVING.delete(this.#owner);
  }

  #take(name: string): string[] {
    const taken = this.newFile();
    try {
      fs.renameSync(path.join(this.path, name), taken);
      return [taken];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  #isOrphan(name: string): boolean {
    const [, owner, host, pid] = /^((.+)-(\d+)-[0-9a-f]{8})-\d+\.spool$/.exec(name) ?? [];
    if (owner === undefined || LIVING.has(owner)) return false;
    if (host === hostName() && (Number(pid) === process.pid || !isRunning(Number(pid)))) return true;
    const stat = fs.statSync(path.join(this.path, name), { throwIfNoEntry: false });
    return stat !== undefined && Date.now() - stat.mtimeMs > DEAD_AFTER_MS;
  }
}

function hostName(): string {
  return os.hostname().replaceAll(/[^A-Za-z0-9.]/g, '_');
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** One set for the process, also when the library is loaded twice. */
function living(): Set<string> {
  const key = Symbol.for('indelible.spool.living');
  const globals = globalThis as { [key]?: Set<string> };
  return (globals[key] ??= new Set());
}
