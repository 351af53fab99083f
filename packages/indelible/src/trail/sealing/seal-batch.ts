import { entryLeaf } from '../../event/entry.js';
import { AuditError, messageOf } from '../../event/errors.js';
import { signCheckpoint } from '../../integrity/checkpoint.js';
import type { Frontier } from '../../integrity/frontier.js';
import type { SigningKey } from '../../integrity/note-key.js';
import type { Pending, SealBatch, TreeNode, UnsealedEntry } from '../../stores/seal-log.js';
import { Counting } from '../../stores/tallies.js';

/** Leaves that are made before anything else has its turn: a millisecond's work. */
const AT_ONCE = 200;

export interface BatchParts {
  readonly pending: Pending;
  /** The tree as it stands at the head of what is pending; it is appended to. */
  readonly frontier: Frontier;
  /** The name of the log. */
  readonly origin: string;
  readonly keys: readonly SigningKey[];
}

/** What the log grows by: a leaf for every event that is pending, and the checkpoint over all of it. */
export function sealBatch(parts: BatchParts): SealBatch {
  const making = make(parts);
  for (;;) {
    const { done, value } = making.next();
    if (done === true) return value;
  }
}

/** The same with pauses, so that whoever else has work in this process waits for a millisecond at a time. */
export async function sealBatchGently(parts: BatchParts, pause: () => Promise<unknown>): Promise<SealBatch> {
  const making = make(parts);
  for (;;) {
    const { done, value } = making.next();
    if (done === true) return value;
    await pause();
  }
}

/** Yields where it may be interrupted. */
function* make({ pending, frontier, origin, keys }: BatchParts): Generator<undefined, SealBatch> {
  const { entries, head: from, place } = pending;
  const [leaves, nodes]: [Uint8Array[], TreeNode[]] = [[], []];
  const counting = new Counting();
  for (let at = 0; at < entries.length; at += AT_ONCE) {
    for (const entry of entries.slice(at, at + AT_ONCE)) {
      const leaf = leafOf(entry);
      frontier.append(leaf, (node) => nodes.push(node));
      leaves.push(leaf);
      counting.add(entry);
    }
    yield;
  }
  const { size, hashes } = frontier;
  const head = { size, root: frontier.root(), frontier: hashes };
  return {
    from,
    place,
    ids: entries.map(({ core }) => core.id),
    leaves,
    nodes,
    tallies: counting.tallies(),
    head,
    checkpoint: signCheckpoint({ origin, size, root: head.root }, keys),
  };
}

/** Only what was spoilt in the database has no leaf: whoever reads of it must know which event that is. */
function leafOf(entry: UnsealedEntry): Uint8Array {
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
