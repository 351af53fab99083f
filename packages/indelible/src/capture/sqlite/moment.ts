import { randomBytes } from 'node:crypto';

import type { Capturing } from '../capturing.js';

/** The context of the statement that runs, and the name of the transaction it runs in. */
export class Moment {
  readonly #capturing: Capturing;
  readonly #prefix = randomBytes(9).toString('base64url');
  #count = 0;
  #id: string | undefined;
  #context: string | undefined;
  #hasRows = false;

  constructor(capturing: Capturing) {
    this.#capturing = capturing;
  }

  /** A statement begins: outside of a transaction it begins one, or is one itself. */
  begin(isInTransaction: boolean): void {
    this.#context = undefined;
    this.#hasRows = false;
    if (!isInTransaction) this.#id = undefined;
  }

  /** Taken once for a statement, however many rows it writes. */
  context(): string {
    return (this.#context ??= this.#capturing.context());
  }

  /** As `context`, for a row that is being written. */
  contextOfRow(): string {
    if (!this.#hasRows) this.#capturing.changed();
    this.#hasRows = true;
    return this.context();
  }

  transaction(): string {
    return (this.#id ??= `${this.#prefix}-${(this.#count += 1)}`);
  }

  /** True when something was written since the last transaction began. */
  get hasWritten(): boolean {
    return this.#id !== undefined;
  }
}
