import { AuditError, messageOf } from '../event/errors.js';
import { type OpenedCheckpoint, openCheckpoint } from '../integrity/checkpoint.js';
import { VerifierKey } from '../integrity/note-key.js';
import { isSignedRemoval } from '../integrity/removal-note.js';
import type { Removal } from '../stores/removal.js';

/** A checkpoint that a pinned key signed. */
export interface SignedHead {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

/**
 * Whose word counts: the keys that the verifier was given, and no other. What the trail says about keys is never
 * believed, since whoever can write to it can write that.
 */
export class Trust {
  readonly #keys: readonly VerifierKey[];

  constructor(keys: readonly (VerifierKey | string)[]) {
    if (keys.length === 0) throw withoutKey();
    this.#keys = keys.map((key) => (typeof key === 'string' ? parsed(key) : key));
  }

  /** The keys by name and id, for people. */
  get names(): string {
    return this.#keys.map(({ name, id }) => `${name} ${id}`).join(', ');
  }

  /** Undefined for whatever none of the keys signed. */
  open(note: string): SignedHead | undefined {
    const opened = openCheckpoint(note, this.#keys);
    return opened && headOf(opened);
  }

  /** True when one of the keys answers for this very removal. */
  answersFor(removal: Removal): boolean {
    return isSignedRemoval(removal.note, removal, this.#keys);
  }
}

/** No log has more leaves than can be counted exactly. */
function headOf({ origin, size, root }: OpenedCheckpoint): SignedHead | undefined {
  return size <= BigInt(Number.MAX_SAFE_INTEGER) ? { origin, size: Number(size), root } : undefined;
}

function parsed(key: string): VerifierKey {
  try {
    return VerifierKey.parse(key.trim());
  } catch (cause) {
    throw new AuditError('KEY_INVALID', `A key to verify with cannot be used. ${messageOf(cause)}`, cause);
  }
}

function withoutKey(): AuditError {
  return new AuditError(
    'INVALID_OPTIONS',
    'Nothing can be verified without a key: give the verifier key of the trail, as indelible keys show prints it. One that is read from the trail itself would prove nothing.',
  );
}
