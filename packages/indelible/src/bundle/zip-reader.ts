import { createWriteStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';

import { messageOf } from '../event/errors.js';
import { AuditError } from '../event/errors.js';
import { LARGEST_TEXT } from './layout.js';
import { refused } from './refusal.js';
import { readDirectory, type ZippedFile } from './zip-directory.js';

/** Texts of events seldom shrink to a twentieth; what shrinks more was made to. */
const MOST_SHRUNK = 200;

/** Unpacks a bundle into an empty folder: never more than so many bytes, and never anywhere else. */
export async function unzip(path: string, folder: string, mostBytes: number): Promise<void> {
  const file = await open(path, 'r');
  try {
    const files = await readDirectory(file);
    const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
    if (total > mostBytes)
      throw refused(`the .zip would unpack to ${total} bytes, and ${mostBytes} are the most`);
    for (const one of files) await unpack(file, one, join(folder, one.name));
  } finally {
    await file.close();
  }
}

async function unpack(file: FileHandle, zipped: ZippedFile, path: string): Promise<void> {
  const { name, isDeflated, packedBytes, bytes, offset } = zipped;
  const isBomb = bytes > LARGEST_TEXT + packedBytes * MOST_SHRUNK || (!isDeflated && bytes !== packedBytes);
  if (isBomb) throw refused(`${name} in the .zip would become ${bytes} bytes out of ${packedBytes}`);
  if (packedBytes === 0) {
    await pipeline([Buffer.alloc(0)], createWriteStream(path, { flags: 'wx', mode: 0o600 }));
    return;
  }
  const source = file.createReadStream({ autoClose: false, start: offset, end: offset + packedBytes - 1 });
  const exactly = new Exactly(name, bytes);
  const target = createWriteStream(path, { flags: 'wx', mode: 0o600 });
  try {
    await (isDeflated
      ? pipeline(source, createInflateRaw(), exactly, target)
      : pipeline(source, exactly, target));
  } catch (error) {
    if (error instanceof AuditError) throw error;
    throw refused(`${name} in the .zip cannot be unpacked: ${messageOf(error)}`, error);
  }
}

/** Passes on as many bytes as were promised, and refuses more or fewer. */
class Exactly extends Transform {
  readonly #name: string;
  #left: number;

  constructor(name: string, bytes: number) {
    super();
    this.#name = name;
    this.#left = bytes;
  }

  override _transform(
    chunk: Buffer,
    _encoding: string,
    done: (error?: Error | null, data?: Buffer) => void,
  ): void {
    this.#left -= chunk.length;
    if (this.#left < 0) done(refused(`${this.#name} in the .zip is longer than it says`));
    else done(null, chunk);
  }

  override _flush(done: (error?: Error | null) => void): void {
    done(this.#left === 0 ? null : refused(`${this.#name} in the .zip is shorter than it says`));
  }
}
