import { createHash } from 'node:crypto';

import type { SigningKey, VerifierKey } from '../integrity/note-key.js';
import { openNote, signNote } from '../integrity/note.js';
import { FORMAT } from './layout.js';

/**
 * The note that vouches for a manifest, and so for nothing having been left out. Its second line is no number, so that
 * it can never be taken for a checkpoint.
 */
export function signManifest(origin: string, manifest: string, key: SigningKey): string {
  return signNote(textOf(origin, manifest), [key]);
}

export function isSignedManifest(
  note: string,
  origin: string,
  manifest: string,
  keys: readonly VerifierKey[],
): boolean {
  return openNote(note, keys)?.text === textOf(origin, manifest);
}

function textOf(origin: string, manifest: string): string {
  const digest = createHash('sha256').update(manifest).digest('hex');
  return `${origin}\n${FORMAT} manifest\nsha256:${digest}\n`;
}
