import { AuditError } from '../../event/errors.js';
import type { VerifierKey } from '../../integrity/note-key.js';
import type { Serving } from '../serving.js';

/** The keys that this server knows; none where it seals nothing. */
export function keysOf({ keys }: Pick<Serving, 'keys'>): readonly VerifierKey[] {
  try {
    return keys();
  } catch (error) {
    if (error instanceof AuditError && error.code === 'KEY_INVALID') return [];
    throw error;
  }
}

/** A key by its name and id. It is not given whole: a key that comes with what it is to prove proves nothing. */
export function keyAnswer({ name, id }: VerifierKey): { readonly name: string; readonly id: string } {
  return { name, id };
}
