import { hash as hashOf } from 'node:crypto';

import { CORE_VERSION, entryLeaf, payloadDigest } from '../event/entry.js';
import { messageOf } from '../event/errors.js';
import type { StoredEntry } from '../event/read.js';
import type { EventBytes, SealedLeaf } from '../stores/seal-log.js';

/**
 * How an event stands to its leaf: as it was sealed; as it was sealed, without its payload; not there; or otherwise.
 * `leaf` is what the event hashes to now, where it can be hashed.
 */
export type LeafState =
  | { readonly kind: 'sound' | 'emptied' | 'absent' }
  | { readonly kind: 'altered'; readonly what: string; readonly leaf: Uint8Array | undefined };

const SOUND: LeafState = { kind: 'sound' };
const EMPTIED: LeafState = { kind: 'emptied' };
const ABSENT: LeafState = { kind: 'absent' };

/** Holds an event against its leaf: everything is computed anew from what was just read. */
export function stateOf(leaf: Omit<SealedLeaf, 'index'>): LeafState {
  const { bytes, hash } = leaf;
  return bytes && isSound(bytes, hash) ? SOUND : stateOfEntry(leaf);
}

/**
 * By the bytes themselves, without an entry made of them; what is not sound is looked at again as an entry. The hashes
 * are compared as texts, since to have one answered as bytes costs as much again as to compute it.
 */
function isSound(bytes: EventBytes, hash: Uint8Array): boolean {
  const leaf = hashOf('sha256', bytes.leaf(), 'binary');
  return leaf === textOf(hash) && hashOf('sha256', bytes.sealed(), 'hex') === bytes.digest();
}

function textOf(hash: Uint8Array): string {
  const bytes = Buffer.isBuffer(hash) ? hash : Buffer.from(hash.buffer, hash.byteOffset, hash.length);
  return bytes.toString('binary');
}

function stateOfEntry({ id, hash, entry }: Omit<SealedLeaf, 'index'>): LeafState {
  if (entry === undefined) return ABSENT;
  let leaf: Uint8Array;
  try {
    leaf = entryLeaf(entry);
  } catch (cause) {
    return altered(`its columns cannot be hashed any more: ${messageOf(cause)}`, undefined);
  }
  if (entry.core.id !== id) return altered(`the store answered with the event ${entry.core.id}`, leaf);
  if (!isEqual(leaf, hash)) return altered(otherCore(entry), leaf);
  const problem = payloadProblem(entry);
  if (problem !== undefined) return altered(problem, leaf);
  return entry.payload === null ? EMPTIED : SOUND;
}

/** What is wrong with the payload of an event whose core is believed; undefined when nothing is, or it was erased. */
export function payloadProblem({ core, payload, salt }: StoredEntry): string | undefined {
  if (payload === null && salt === null) return undefined;
  if (payload === null) return 'its payload is gone, and its salt is still there';
  if (salt === null) return 'its salt is gone, and its payload is still there';
  if (payloadDigest(salt, payload) === core.payload_digest) return undefined;
  return 'its payload or its salt is not the one it was sealed with';
}

export function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function otherCore({ core }: StoredEntry): string {
  return core.v > CORE_VERSION
    ? `it does not hash to its leaf; it says that it is of version ${core.v}, and this program knows ${CORE_VERSION}: verify it with a later one before you believe that it was altered`
    : 'it does not hash to its leaf: a column of its core is not what it was, or the hash in the log is not';
}

function altered(what: string, leaf: Uint8Array | undefined): LeafState {
  return { kind: 'altered', what, leaf };
}
