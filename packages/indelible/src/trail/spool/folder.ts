import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

import { isOrphan, newOwner } from './owner.js';

const ENDING = '.spool';
const TAKEN_AT_ONCE = 100;

/**
 * The folder of one store's spool. Every process writes files of its own, named for itself, and takes over
 * those of processes that died, so that what they had acknowledged still arrives.
 */
export class SpoolFolder {
  readonly #path: string;
  readonly #owner: string = newOwner();
  #files = 0;

  /** `storeName` keeps the spools of two trails apart that share a folder. */
  constructor(dir: string, storeName: string) {
    const key = createHash('sha256').update(storeName).digest('hex').slice(0, 12);
    this.#path = path.resolve(dir, key);
    this.#make();
  }

  /** A path for a new file of this process. */
  newFile(): string {
    this.#make();
    this.#files += 1;
    return path.join(this.#path, `${this.#owner}-${this.#files}${ENDING}`);
  }

  /** Files that dead processes left, so many at once. */
  orphans(): string[] {
    return fs
      .readdirSync(this.#path)
      .filter((name) => name.endsWith(ENDING) && !name.startsWith(this.#owner) && this.#isOrphan(name))
      .slice(0, TAKEN_AT_ONCE);
  }

  /** Makes an orphan ours by a new name, so that only one taker gets it; undefined for the others. */
  take(orphan: string): string | undefined {
    const taken = this.newFile();
    try {
      fs.renameSync(path.join(this.#path, orphan), taken);
      return taken;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Gives a file up for anyone to take, at once. */
  leave(file: string): void {
    fs.renameSync(file, path.join(this.#path, `left-${randomUUID()}${ENDING}`));
  }

  /** Keeps, on the disk itself, what could not be read or stored, for a person to look at. */
  setAside(name: 'damaged' | 'refused', lines: readonly (string | Buffer)[]): string {
    const file = path.join(this.#path, `${name}.log`);
    const bytes = Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')]));
    fs.appendFileSync(file, bytes, { mode: 0o600, flush: true });
    return file;
  }

  #make(): void {
    fs.mkdirSync(this.#path, { recursive: true, mode: 0o700 });
  }

  #isOrphan(name: string): boolean {
    const stat = fs.statSync(path.join(this.#path, name), { throwIfNoEntry: false });
    return stat !== undefined && isOrphan(name, stat.mtimeMs);
  }
}
