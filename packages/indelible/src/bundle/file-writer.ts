import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';

/** A file of a bundle, as its manifest lists it. */
export interface ListedFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

const BUFFER = 256 * 1024;

/** Writes one file in constant memory, and knows its digest at the end. Only its owner can read it. */
export class FileWriter {
  readonly #name: string;
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');
  #bytes = 0;
  #waiting: string[] = [];
  #waitingLength = 0;

  private constructor(name: string, file: FileHandle) {
    this.#name = name;
    this.#file = file;
  }

  static async create(folder: string, name: string): Promise<FileWriter> {
    return new FileWriter(name, await open(join(folder, name), 'wx', 0o600));
  }

  /** The whole of a file at once. */
  static async write(folder: string, name: string, text: string): Promise<ListedFile> {
    const writer = await FileWriter.create(folder, name);
    try {
      await writer.add(text);
    } finally {
      await writer.close();
    }
    return writer.listed;
  }

  async add(text: string): Promise<void> {
    this.#waiting.push(text);
    this.#waitingLength += text.length;
    if (this.#waitingLength >= BUFFER) await this.#flush();
  }

  /** What is written is on the disk when it resolves. */
  async close(): Promise<void> {
    try {
      await this.#flush();
      await this.#file.sync();
    } finally {
      await this.#file.close();
    }
  }

  /** Only after `close`. */
  get listed(): ListedFile {
    return { name: this.#name, bytes: this.#bytes, sha256: this.#hash.copy().digest('hex') };
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(this.#waiting.join(''));
    this.#waiting = [];
    this.#waitingLength = 0;
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    await this.#file.appendFile(bytes);
  }
}
