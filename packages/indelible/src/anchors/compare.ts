import { AuditError } from '../event/errors.js';
import type { OpenedCheckpoint } from '../integrity/checkpoint.js';
import { StoredTree, type TreeSource } from '../integrity/stored-tree.js';
import { verifyConsistency } from '../integrity/verify-proof.js';

/** Why a log is not the one that was anchored: it is shorter than it was, or it is another one. */
export type Disagreement = 'ROLLBACK' | 'FORK';

/**
 * How a log disagrees with a checkpoint that was anchored; undefined when it continues it. Where it stands must have
 * been read after what was anchored, or it could be behind for no other reason.
 */
export async function disagreement(
  anchored: OpenedCheckpoint,
  log: OpenedCheckpoint | undefined,
  source: TreeSource,
): Promise<Disagreement | undefined> {
  if (log === undefined || log.size < anchored.size) return anchored.size === 0n ? undefined : 'ROLLBACK';
  if (log.origin !== anchored.origin) return 'FORK';
  return (await continues(anchored, log, source)) ? undefined : 'FORK';
}

async function continues(
  anchored: OpenedCheckpoint,
  log: OpenedCheckpoint,
  source: TreeSource,
): Promise<boolean> {
  const [size1, size2] = [Number(anchored.size), Number(log.size)];
  try {
    const proof = size1 === 0 ? [] : await new StoredTree(source).consistency(size1, size2);
    return verifyConsistency({ size1, root1: anchored.root, size2, root2: log.root, proof });
  } catch (error) {
    // A log that has lost its hashes can no longer show what it was.
    if (error instanceof AuditError && error.code === 'LOG_DAMAGED') return false;
    throw error;
  }
}
