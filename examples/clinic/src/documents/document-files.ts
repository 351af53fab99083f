import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, type ReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { Problem } from '../problem.js';

const MOST_BYTES = 10 * 1024 * 1024;

export interface StoredFile {
  readonly file: string;
  readonly size: number;
  readonly sha256: string;
}

/** The folder of files, each under a name that nobody can guess and that says nothing. */
export class DocumentFiles {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  }

  /** Writes what comes in, piece by piece; what is too large, or breaks off, leaves nothing behind. */
  async store(incoming: Readable): Promise<StoredFile> {
    const file = randomUUID();
    const meter = new Meter();
    const breakOff = (): void => void meter.destroy(new Problem(400, 'The upload broke off.'));
    incoming.once('aborted', breakOff).once('error', breakOff);
    try {
      // Not in the pipeline: it would end the connection, and with it the answer that says why.
      incoming.pipe(meter);
      await pipeline(meter, createWriteStream(this.#pathOf(file), { mode: 0o600, flags: 'wx' }));
      return { file, size: meter.size, sha256: meter.digest() };
    } catch (error) {
      incoming.unpipe(meter).resume();
      await this.remove([file]);
      throw error;
    } finally {
      incoming.off('aborted', breakOff).off('error', breakOff);
    }
  }

  read(file: string): ReadStream {
    return createReadStream(this.#pathOf(file));
  }

  async remove(files: readonly string[]): Promise<void> {
    await Promise.all(files.map((file) => rm(this.#pathOf(file), { force: true })));
  }

  #pathOf(file: string): string {
    return join(this.#dir, file);
  }
}

/** Lets bytes through up to the most that a document may have, and knows how many and which. */
class Meter extends Transform {
  size = 0;
  readonly #hash = createHash('sha256');

  digest(): string {
    return this.#hash.digest('hex');
  }

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error?: Error | null, data?: Buffer) => void,
  ): void {
    this.size += chunk.length;
    if (this.size > MOST_BYTES) {
      done(new Problem(413, 'A document may have 10 MB at most.'));
      return;
    }
    this.#hash.update(chunk);
    done(null, chunk);
  }
}
