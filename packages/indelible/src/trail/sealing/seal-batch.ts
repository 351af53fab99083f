import { entryLeaf } from '../../event/entry.js';
import { AuditError, messageOf } from '../../event/errors.js';
import type { StoredEntry } from '../../event/read.js';
import { signCheckpoint } from '../../integrity/checkpoint.js';
import type { Frontier } from '../../integrity/frontier.js';
import type { SigningKey } from '../../integrity/note-key.js';
import type { Pending, SealBatch, TreeNode } from '../../stores/seal-log.js';
import { talliesOf } from '../../stores/tallies.js';

export interface BatchParts {
  readonly pending: Pending;
  /** The tree as it stands at the head of what is pending; it is appended to. */
  readonly frontier: Frontier;
  /** The name of the log. */
  readonly origin: string;
  readonly keys: readonly SigningKey[];
}

/** What the log grows by: a leaf for every event that is pending, and the checkpoint over all of it. */
export function sealBatch({ pending, frontier, origin, keys }: BatchParts): SealBatch {
  const { entries, head: from, place } = pending;
  const nodes: TreeNode[] = [];
  const leaves = entries.map(leafOf);
  for (const leaf of leaves) frontier.append(leaf, (node) => nodes.push(node));
  const { size, hashes } = frontier;
  const head = { size, root: frontier.root(), frontier: hashes };
  return {
    from,
    place,
    ids: entries.map(({ core }) => core.id),
    leaves,
    nodes,
    tallies: talliesOf(entries),
    head,
    checkpoint: signCheckpoint({ origin, size, root: head.root }, keys),
  };
}

/** Only what was spoilt in the database has no leaf: whoever reads of it must know which event that is. */
function leafOf(entry: StoredEntry): Uint8Array {
  try {
    return entryLeaf(entry);
  } catch (cause) {
    throw new AuditError(
      'LOG_DAMAGED',
      `The event ${entry.core.id} cannot be sealed, and none behind it: ${messageOf(cause)}. Its row was changed in the database; find out by whom.`,
      cause,
    );
  }
}
