import type { LooseInput } from '../../event/input.js';
import type { SigningKey } from '../../integrity/note-key.js';

/**
 * The event of a key that signs from here on: the first one of a log, or one that replaces another. The key's
 * public half is the id of the target, which is in the core and outlives every purge.
 */
export function keyEvent({ name, verifierKey }: SigningKey, previous: string | undefined): LooseInput {
  return {
    action: 'KEY_ROTATED',
    source: 'system',
    actor: { type: 'system', name: 'indelible' },
    target: { type: 'SigningKey', id: verifierKey, label: name },
    metadata: { verifier: verifierKey, previous_verifier: previous },
  };
}
