import { AuditError, messageOf } from '../../event/errors.js';
import { type OpenedCheckpoint, openCheckpoint } from '../../integrity/checkpoint.js';
import { Frontier } from '../../integrity/frontier.js';
import type { VerifierKey } from '../../integrity/note-key.js';
import type { LogHead, StoredCheckpoint } from '../../stores/seal-log.js';

/** The head without its frontier: all it takes to tell two heads apart. */
export type Stand = Pick<LogHead, 'size' | 'root'>;

export function isSame(one: Stand | undefined, other: Stand | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return one.size === other.size && Buffer.compare(one.root, other.root) === 0;
}

/** The tree at a head; refuses one whose edge is not that of its root. */
export function treeAt({ size, root, frontier }: LogHead): Frontier {
  let tree: Frontier;
  try {
    tree = new Frontier(size, frontier);
  } catch (cause) {
    throw inconsistent(`its head is damaged: ${messageOf(cause)}`, cause);
  }
  if (isSame({ size, root: tree.root() }, { size, root })) return tree;
  throw inconsistent(`the root of its head, of ${size} leaves, is not the root of its tree`);
}

/** A log only grows: one that is shorter than it was, or another one of the same length, was put in its place. */
export function checkGrown(head: LogHead, known: Stand): void {
  if (head.size > known.size || isSame(head, known)) return;
  throw inconsistent(
    head.size < known.size
      ? `it has ${head.size} leaves, and this process knew it with ${known.size}: leaves were removed, or an old state was restored`
      : `its root at ${head.size} leaves is not the one that this process knew: it was written anew`,
  );
}

/** What the last checkpoint says, when a known key signed it for just this head; else why it cannot be gone on from. */
export function openLast(
  last: StoredCheckpoint | undefined,
  head: Stand,
  keys: readonly VerifierKey[],
): OpenedCheckpoint | string {
  if (last === undefined) return `it has ${head.size} leaves and no checkpoint`;
  const opened = openCheckpoint(last.note, keys);
  if (opened === undefined) return unknownSigner(last, keys);
  if (isSame({ size: Number(opened.size), root: opened.root }, head)) return opened;
  return `its last checkpoint is for ${opened.size} leaves, and its head has ${head.size} with another root or number`;
}

export function unknownSigner({ size }: StoredCheckpoint, keys: readonly VerifierKey[]): string {
  const known = keys.map(({ name, id }) => `${name} ${id}`).join(', ');
  return `its last checkpoint, at ${size} leaves, is signed by none of the keys known here (${known}). If the key was replaced, name the file of the one before in keys.previous`;
}

export function inconsistent(found: string, cause?: unknown): AuditError {
  return new AuditError(
    'LOG_INCONSISTENT',
    `The log in the store is not the one that was sealed: ${found}. Nothing is sealed any more, so that nothing forged is signed: find out who changed it, and keep it as it is until then.`,
    cause,
  );
}
