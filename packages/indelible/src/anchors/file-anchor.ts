import { type FileHandle, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { AuditError, messageOf } from '../event/errors.js';
import type { Anchor, AnchoredCheckpoint } from './anchor.js';
import { LONGEST_RECORD, readRecords, recordOf } from './file-record.js';
import { claimedSize } from './note-facts.js';

export interface FileAnchorOptions {
  /** The file: best on another machine, where whoever administers the database may only append. */
  readonly path: string;
}

/** Anyone may read what is signed anyway; only its owner adds to it. */
const MODE = 0o644;
const CHUNK = 1024 * 1024;

/**
 * Checkpoints one after another in a file that is only ever appended to.
 *
 * @example
 * ```ts
 * fileAnchor({ path: '/mnt/auditor/checkpoints.txt' });
 * ```
 */
export function fileAnchor(options: FileAnchorOptions): Anchor {
  if (typeof options?.path === 'string' && options.path !== '') return new FileAnchor(options.path);
  throw new AuditError(
    'INVALID_OPTIONS',
    'A file anchor was given no path. Give one, such as fileAnchor({ path: "/mnt/auditor/checkpoints.txt" }).',
  );
}

class FileAnchor implements Anchor {
  readonly name: string;
  readonly assurance = 'operator';
  readonly #path: string;

  constructor(path: string) {
    this.#path = resolve(path);
    this.name = `file ${this.#path}`;
  }

  async put({ note }: AnchoredCheckpoint): Promise<void> {
    await this.#telling(async () => {
      const kept = await this.#read((file) => latest(file, (other) => other === note, false));
      if (kept !== note) await this.#append(note);
    });
  }

  async newest(accepts: (note: string) => boolean = () => true): Promise<string | undefined> {
    return this.#telling(() => this.#read((file) => latest(file, accepts, true)));
  }

  async *all(): AsyncGenerator<string> {
    const file = await this.#telling(() => openIfThere(this.#path));
    if (file === undefined) return;
    try {
      let rest: Buffer = Buffer.alloc(0);
      for await (const chunk of file.createReadStream({ autoClose: false, highWaterMark: CHUNK })) {
        const bytes = Buffer.concat([rest, chunk as Buffer]);
        const { notes, end } = readRecords(bytes);
        yield* notes;
        rest = bytes.subarray(end);
      }
    } finally {
      await file.close();
    }
  }

  /** In one write, which the system puts whole behind what others append; torn by a full disk, it is no record. */
  async #append(note: string): Promise<void> {
    const record = recordOf(note);
    const file = await open(this.#path, 'a', MODE);
    try {
      const { bytesWritten } = await file.write(record);
      await file.sync();
      if (bytesWritten < record.length) throw new Error(`only ${bytesWritten} bytes were taken`);
    } finally {
      await file.close();
    }
    await syncFolder(dirname(this.#path));
  }

  async #read<T>(work: (file: FileHandle) => Promise<T>): Promise<T | undefined> {
    const file = await openIfThere(this.#path);
    try {
      return file && (await work(file));
    } finally {
      await file?.close();
    }
  }

  async #telling<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      throw new AuditError(
        'ANCHOR_UNAVAILABLE',
        `The anchor ${this.name} cannot be used: ${messageOf(cause)}. Make its folder, and let this process append to the file.`,
        cause,
      );
    }
  }
}

/**
 * The largest of the accepted notes at the end of the file, where processes that append at once may do so in any
 * order; else, going back through it, the first that is found.
 */
async function latest(
  file: FileHandle,
  accepts: (note: string) => boolean,
  goesBack: boolean,
): Promise<string | undefined> {
  const { size } = await file.stat();
  for (let end = size, from = 0; ; end = from + LONGEST_RECORD) {
    from = Math.max(end - CHUNK, 0);
    const notes = readRecords(await readAt(file, from, end - from)).notes.filter(accepts);
    if (notes.length > 0) return notes.reduce((one, other) => (isLarger(one, other) ? one : other));
    if (from === 0 || !goesBack) return undefined;
  }
}

function isLarger(one: string, other: string): boolean {
  return claimedSize(one) > claimedSize(other);
}

async function readAt(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from);
  return buffer.subarray(0, bytesRead);
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** So that the file itself outlives a power cut; not every system opens folders. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
