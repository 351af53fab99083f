import { hash, randomFillSync } from 'node:crypto';

import { canonicalize } from '../integrity/canonical.js';
import { leafHash } from '../integrity/hash.js';
import type { ActorType, Outcome, Source } from './event.js';

export const CORE_VERSION = 1;

/**
 * What is hashed into the log for ever: who did what to what, without names or values. It is re-made only
 * from columns of exact types, and an absent member is absent, so later versions can add members.
 */
export interface EventCore {
  readonly v: number;
  readonly id: string;
  readonly action: string;
  readonly outcome: Outcome;
  readonly source: Source;
  readonly actor: { readonly type: ActorType; readonly id?: string | undefined };
  readonly tenant_id?: string | undefined;
  readonly target?: { readonly type: string; readonly id?: string | undefined } | undefined;
  readonly subject_id?: string | undefined;
  readonly process?: { readonly id: string; readonly n: number } | undefined;
  readonly count?: number | undefined;
  readonly payload_digest: string;
}

/** Copies for searching, outside the commitment; emptied together with the payload. */
export interface SearchColumns {
  readonly role?: string | undefined;
  readonly ip?: string | undefined;
  /** Username, e-mail and name of the actor, folded for searching. */
  readonly actorText?: string | undefined;
  /** Model, label, subject and path, folded for searching. */
  readonly text?: string | undefined;
  /** The subjects of an event that concerns many. */
  readonly subjects?: readonly string[] | undefined;
}

/** An event in the form it is stored and proved in: core, canonical payload, salt, and search columns. */
export interface Entry {
  readonly core: EventCore;
  /** The exact canonical text that was hashed; null once erased. */
  readonly payload: string | null;
  /** 32 hexadecimal digits; null once erased. */
  readonly salt: string | null;
  readonly search: SearchColumns;
}

/** Binds a payload to its core: without the salt, nobody can guess a payload from its digest. */
export function commit(
  core: Omit<EventCore, 'payload_digest'>,
  payload: object,
  search: SearchColumns,
  salt: string = newSalt(),
): Entry {
  const text = canonicalize(payload);
  // Many times faster than a spread with a member behind it, in the engine of Node 20.
  const bound = Object.assign({ payload_digest: '' }, core);
  bound.payload_digest = payloadDigest(salt, text);
  return { core: bound, payload: text, salt, search };
}

/** SHA-256(salt || canonical payload), in hexadecimal. */
export function payloadDigest(salt: string, payload: string): string {
  const most = SALT_BYTES + payload.length * BYTES_OF_CHARACTER;
  const bytes = most <= HASHED.length ? HASHED : Buffer.allocUnsafe(most);
  bytes.write(salt, 0, 'hex');
  const end = SALT_BYTES + bytes.write(payload, SALT_BYTES);
  // In one call: a hash that is fed in parts costs several times as much for texts of this size.
  return hash('sha256', bytes.subarray(0, end), 'hex');
}

const SALT_BYTES = 16;
/** At most, in UTF-8, of one UTF-16 code unit. */
const BYTES_OF_CHARACTER = 3;
const HASHED = Buffer.allocUnsafeSlow(16 * 1024);

/** The leaf of an entry in the Merkle log, which its core alone decides on. */
export function entryLeaf(entry: Pick<Entry, 'core'>): Uint8Array {
  return leafHash(canonicalize(entry.core));
}

const SALTS = Buffer.alloc(16 * 256);
let saltAt = SALTS.length;

function newSalt(): string {
  if (saltAt >= SALTS.length) {
    randomFillSync(SALTS);
    saltAt = 0;
  }
  saltAt += 16;
  return SALTS.toString('hex', saltAt - 16, saltAt);
}
