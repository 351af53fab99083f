import { createHash, hash } from 'node:crypto';

const LEAF = Uint8Array.of(0x00);
/** Room for a leaf, behind its prefix. */
const LEAF_ROOM = Buffer.alloc(8 * 1024, LEAF);
/** At most, in UTF-8, of one UTF-16 code unit. */
const BYTES_OF_CHARACTER = 3;
const NODE = Uint8Array.of(0x01);

export const HASH_LENGTH = 32;

const PAIR = Buffer.alloc(1 + 2 * HASH_LENGTH, NODE);

/** Whether something has the form of a hash, whatever it is. */
export function isHash(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === HASH_LENGTH;
}

/** SHA-256 over the parts one after another. */
export function sha256(...parts: readonly (Uint8Array | string)[]): Uint8Array {
  const whole = createHash('sha256');
  for (const part of parts) whole.update(part);
  return whole.digest();
}

/**
 * The hash of a leaf as RFC 6962 has it: SHA-256(0x00 || data).
 *
 * @example
 * ```ts
 * leafHash(canonicalize(core));
 * ```
 */
export function leafHash(data: Uint8Array | string): Uint8Array {
  if (typeof data !== 'string' || data.length * BYTES_OF_CHARACTER >= LEAF_ROOM.length)
    return sha256(LEAF, data);
  // In one call: a hash that is fed in parts costs several times as much.
  const end = 1 + LEAF_ROOM.write(data, 1);
  return digestOf(LEAF_ROOM.subarray(0, end));
}

/** The hash of an inner node as RFC 6962 has it: SHA-256(0x01 || left || right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length !== HASH_LENGTH || right.length !== HASH_LENGTH) return sha256(NODE, left, right);
  PAIR.set(left, 1);
  PAIR.set(right, 1 + HASH_LENGTH);
  return digestOf(PAIR);
}

/** By way of a text: bytes made from one lie in memory that is shared, and so cost half of what own memory does. */
function digestOf(bytes: Uint8Array): Uint8Array {
  return Buffer.from(hash('sha256', bytes, 'hex'), 'hex');
}
