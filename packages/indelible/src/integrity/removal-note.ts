import { manifestDigest } from './manifest-digest.js';
import type { SigningKey, VerifierKey } from './note-key.js';
import { openNote, signNote } from './note.js';

/** A removal as the key of a log answers for it: which event vouches for it, and what it may take. */
export interface AnsweredRemoval {
  readonly kind: string;
  readonly eventId: string;
  readonly manifest: string;
}

/** No checkpoint: the second line of one is a number. */
const FORM = 'indelible-removal@v1';

/** A note that nobody but who holds a key of the log can have made for this very removal. */
export function signRemoval(removal: AnsweredRemoval, keys: readonly SigningKey[]): string {
  return signNote(textOf(removal), keys);
}

/** True when at least one of the keys signed just this. */
export function isSignedRemoval(
  note: string,
  removal: AnsweredRemoval,
  keys: readonly VerifierKey[],
): boolean {
  return openNote(note, keys)?.text === textOf(removal);
}

function textOf({ kind, eventId, manifest }: AnsweredRemoval): string {
  return `${FORM}\n${kind} ${eventId}\n${manifestDigest(manifest)}\n`;
}
