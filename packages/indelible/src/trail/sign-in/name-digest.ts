import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

import type { NameKey } from './name-key.js';

/** So much of a name tells it from others. */
const LONGEST = 1_024;

/** Tells attempted names apart without telling them: people type passwords into the box for the name. */
export class NameDigest {
  /** Where the key is from, for whoever watches the program start. */
  readonly where: string;
  readonly #key: KeyObject;

  constructor({ bytes, where }: NameKey) {
    this.where = where;
    this.#key = createSecretKey(bytes);
  }

  /** The same for one name however it is capitalised; undefined for no name. */
  of(name: unknown): string | undefined {
    if (typeof name !== 'string' || name === '') return undefined;
    const text = name.slice(0, LONGEST).toLowerCase();
    return `hmac-sha256:${createHmac('sha256', this.#key).update(text).digest('hex')}`;
  }
}
