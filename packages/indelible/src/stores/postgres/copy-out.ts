import { Query } from 'pg';

import type { Connection } from './connections.js';

/** Sends a statement that copies out, in a transaction of its own, and answers all that it writes. */
export type CopyOut = (statement: string, expected: number) => Promise<Buffer>;

/** What one of the statements writes with COPY ... TO STDOUT, in one piece. `expected` is how many bytes that will be, as far as anybody knows. */
export function copyOut(connection: Connection, statements: string, expected: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const query = new Copied(statements, expected);
    query.on('end', () => resolve(query.written));
    query.on('error', reject);
    connection.query(query);
  });
}

class Copied extends Query {
  #bytes: Buffer;
  #end = 0;

  constructor(statements: string, expected: number) {
    super(statements);
    this.#bytes = Buffer.allocUnsafeSlow(expected);
  }

  get written(): Buffer {
    return this.#bytes.subarray(0, this.#end);
  }

  /** The driver calls this for every row, with bytes that are its own again afterwards. */
  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    const end = this.#end + chunk.length;
    if (end > this.#bytes.length) this.#grow(end);
    chunk.copy(this.#bytes, this.#end);
    this.#end = end;
  }

  #grow(least: number): void {
    const bytes = Buffer.allocUnsafeSlow(Math.max(least, this.#bytes.length * 2));
    this.#bytes.copy(bytes, 0, 0, this.#end);
    this.#bytes = bytes;
  }
}

/** A row of what COPY wrote: where each of its columns begins and ends. */
export interface CopiedRow {
  readonly bytes: Buffer;
  /** Negative for a column that is NULL. */
  readonly from: Int32Array;
  readonly to: Int32Array;
}

/** What is copied begins with a signature, with flags, and with an extension of no length. */
export const HEADER_BYTES = 19;
/** Before a row stands how many columns it has, before a column its length; below zero there is none. */
const [COUNT_BYTES, LENGTH_BYTES] = [2, 4];

/** True where no row begins. */
export function isEnd(bytes: Buffer, at: number): boolean {
  return bytes.readInt16BE(at) < 0;
}

/** Finds the columns of the row that begins here; answers where it ends. */
export function takeRow({ bytes, from, to }: CopiedRow, at: number): number {
  let end = at + COUNT_BYTES;
  for (let n = 0; n < from.length; n += 1) {
    const length = bytes.readInt32BE(end);
    end += LENGTH_BYTES;
    from[n] = length < 0 ? -1 : end;
    if (length > 0) end += length;
    to[n] = end;
  }
  return end;
}
