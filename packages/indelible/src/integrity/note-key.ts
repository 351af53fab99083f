import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';

import { AuditError } from '../event/errors.js';
import { sha256 } from './hash.js';

/** Keys in the form of C2SP signed notes, which Go's golang.org/x/mod/sumdb/note reads and writes. */

/** The one algorithm: Ed25519 over the text of the note. */
const ED25519 = 0x01;
const RAW_LENGTH = 32;
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
/** Notes are UTF-8 without control characters, and the parts of a key are joined by `+`. */
const FORBIDDEN_IN_NAME = /[\p{White_Space}\p{Cc}\p{Surrogate}+]/u;
const SIGNING_KEY = /^PRIVATE\+KEY\+([^+]+)\+([0-9a-fA-F]{8})\+([A-Za-z0-9+/]+=*)$/;
const VERIFIER_KEY = /^([^+]+)\+([0-9a-fA-F]{8})\+([A-Za-z0-9+/]+=*)$/;

/**
 * The four bytes that tell the keys of one name apart: the start of SHA-256(name || 0x0A || 0x01 || public key).
 *
 * @example
 * ```ts
 * Buffer.from(keyId('example.com/audit', publicKey)).toString('hex'); // such as 'c74f20a3'
 * ```
 */
export function keyId(name: string, publicKey: Uint8Array): Uint8Array {
  return sha256(name, '\n', Uint8Array.of(ED25519), publicKey).subarray(0, 4);
}

/** Refuses, with `KEY_INVALID`, a name that a signed note cannot carry. */
export function checkKeyName(name: string): void {
  if (name !== '' && !FORBIDDEN_IN_NAME.test(name)) return;
  throw new AuditError(
    'KEY_INVALID',
    `A key cannot be named ${JSON.stringify(name)}: a name is not empty and has no spaces, control characters or "+". Give one such as "example.com/audit".`,
  );
}

/** A key that signs. What is secret in it is seen by no logger; only `encode` gives it away. */
export class SigningKey {
  readonly name: string;
  /** The key's id, as 8 hexadecimal digits. */
  readonly id: string;
  /** What others verify with: `<name>+<id>+<base64>`. */
  readonly verifierKey: string;
  readonly #key: KeyObject;

  private constructor(name: string, key: KeyObject) {
    checkKeyName(name);
    const publicKey = rawPart(createPublicKey(key), 'x');
    this.name = name;
    this.id = hex(keyId(name, publicKey));
    this.verifierKey = `${name}+${this.id}+${encodeRaw(publicKey)}`;
    this.#key = key;
  }

  /** A new key. */
  static create(name: string): SigningKey {
    return new SigningKey(name, generateKeyPairSync('ed25519').privateKey);
  }

  /** Reads what `encode` wrote; its messages never repeat what they were given. */
  static parse(text: string): SigningKey {
    const [, name = '', id = '', data = ''] = SIGNING_KEY.exec(text) ?? [];
    const seed = decodeRaw(data);
    if (seed === undefined) throw invalid('signing key', 'PRIVATE+KEY+<name>+<id>+<base64>');
    const key = new SigningKey(
      name,
      createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, seed]), format: 'der', type: 'pkcs8' }),
    );
    if (key.id !== id.toLowerCase()) throw mismatch('signing key');
    return key;
  }

  sign(message: Uint8Array | string): Uint8Array {
    return sign(undefined, bytesOf(message), this.#key);
  }

  /** The secret: `PRIVATE+KEY+<name>+<id>+<base64>`. Whoever has it can sign in this name. */
  encode(): string {
    return `PRIVATE+KEY+${this.name}+${this.id}+${encodeRaw(rawPart(this.#key, 'd'))}`;
  }
}

/** A key that verifies; it may be given to anyone. */
export class VerifierKey {
  readonly name: string;
  readonly id: string;
  readonly #key: KeyObject;

  private constructor(name: string, publicKey: Uint8Array) {
    checkKeyName(name);
    this.name = name;
    this.id = hex(keyId(name, publicKey));
    this.#key = createPublicKey({
      key: Buffer.concat([PUBLIC_PREFIX, publicKey]),
      format: 'der',
      type: 'spki',
    });
  }

  /** Reads a `verifierKey`. */
  static parse(text: string): VerifierKey {
    const [, name = '', id = '', data = ''] = VERIFIER_KEY.exec(text) ?? [];
    const publicKey = decodeRaw(data);
    if (publicKey === undefined) throw invalid('verifier key', '<name>+<id>+<base64>');
    const key = new VerifierKey(name, publicKey);
    if (key.id !== id.toLowerCase()) throw mismatch('verifier key');
    return key;
  }

  /** Whether the signature is this key's over the message; false for anything else, whatever it is. */
  verify(message: Uint8Array | string, signature: Uint8Array): boolean {
    return verify(undefined, bytesOf(message), this.#key, signature);
  }
}

function rawPart(key: KeyObject, part: 'x' | 'd'): Uint8Array {
  return Buffer.from(String(key.export({ format: 'jwk' })[part]), 'base64url');
}

function encodeRaw(raw: Uint8Array): string {
  return Buffer.concat([Uint8Array.of(ED25519), raw]).toString('base64');
}

/** The 32 bytes behind the algorithm's; undefined for another length, algorithm, or spelling of the base64. */
function decodeRaw(data: string): Uint8Array | undefined {
  const bytes = Buffer.from(data, 'base64');
  const isSound =
    bytes.length === 1 + RAW_LENGTH && bytes[0] === ED25519 && bytes.toString('base64') === data;
  return isSound ? bytes.subarray(1) : undefined;
}

function bytesOf(message: Uint8Array | string): Uint8Array {
  return typeof message === 'string' ? Buffer.from(message) : message;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function invalid(what: string, form: string): AuditError {
  return new AuditError(
    'KEY_INVALID',
    `This is no ${what}: it must have the form ${form} and hold an Ed25519 key. Give the whole line, as it was made.`,
  );
}

function mismatch(what: string): AuditError {
  return new AuditError(
    'KEY_INVALID',
    `The ${what} does not match the id written in it: it was altered or cut. Take it again from where it was made.`,
  );
}

/** The keys of one log. */
export interface LogKeys {
  /** What signs: the key of now first. */
  readonly signing: readonly SigningKey[];
  /** Whose signatures count: those above, and those of before. */
  readonly known: readonly VerifierKey[];
}
