import type { SealLog } from '../stores/seal-log.js';
import type { CheckpointCheck, KnownCheckpoint } from './checkpoint-check.js';
import type { CheckpointQueue } from './checkpoint-queue.js';
import type { Findings } from './findings.js';
import type { FoundHead } from './found-head.js';
import { isEqual } from './leaf-state.js';
import type { TreeCheck } from './tree-check.js';

interface Parts {
  readonly log: Pick<SealLog, 'head' | 'leaves'>;
  readonly tree: TreeCheck;
  readonly queue: CheckpointQueue;
  readonly checkpoints: CheckpointCheck;
  readonly findings: Findings;
}

/** The end of a log that was gone through: nothing may be cut off, and nothing may be there without a signature. */
export async function checkEnding(parts: Parts, head: FoundHead): Promise<void> {
  const { tree, findings, checkpoints } = parts;
  const { size } = tree;
  if (size < head.size)
    findings.add('ROLLBACK', `the log claims ${head.size} leaves, and those from here on are gone`, {
      index: size,
      last: head.size - 1,
    });
  await checkRest(parts, head);
  // They were signed before this began, when the log was as long as it is taken for here.
  for (const known of checkpoints.ahead) tellAhead(known, size, findings);
  if (size === head.size) await checkHead(parts, head);
}

/** Checkpoints behind the last leaf. What was sealed since the beginning is left for the next time. */
async function checkRest({ log, queue, tree, findings }: Parts, head: FoundHead): Promise<void> {
  let now = tree.size;
  for (let next = await queue.peek(); next; next = await queue.peek()) {
    const { place, signed, size: told } = next;
    queue.shift();
    const size = Math.max(signed?.size ?? told, told);
    // The head is looked at after the checkpoint was read, so that it has come at least as far.
    if (size > now && tree.size === head.size && !head.isLost) now = (await log.head()).size;
    if (size <= now && size > tree.size) break;
    if (size <= now) continue;
    if (signed === undefined)
      findings.add(
        'BAD_SIGNATURE',
        `checkpoint ${place}, at ${told} leaves, is signed by none of the keys given`,
      );
    else
      findings.add(
        'ROLLBACK',
        `checkpoint ${place} was signed for ${size} leaves, and there are ${tree.size}`,
      );
  }
}

function tellAhead({ name, size }: KnownCheckpoint, found: number, findings: Findings): void {
  const what = `the checkpoint of ${name} was signed for ${size} leaves, and there are ${found}: leaves were removed, or an old state was restored`;
  findings.add('ROLLBACK', what, { index: found, last: size - 1 });
}

async function checkHead({ log, tree, findings, checkpoints }: Parts, head: FoundHead): Promise<void> {
  const { size, edge, proved } = tree;
  const isKnown = checkpoints.unknown > 0 || findings.log === 'FORK';
  if (proved < size && !isKnown)
    findings.add('BAD_SIGNATURE', 'no checkpoint that a key given here signed covers these leaves', {
      index: proved,
      last: size - 1,
    });
  if (head.isLost) return;
  if (edge && !isEdge(head, edge)) findings.add('FORK', 'the head of the log is not that of its leaves');
  const [beyond] = await log.leaves(size, 1);
  if (beyond && (await log.head()).size <= size)
    findings.add('FORK', 'there are leaves behind the head of the log', { index: size, id: beyond.id });
}

function isEdge(
  { root, frontier }: FoundHead,
  edge: { readonly root: Uint8Array; readonly hashes: readonly Uint8Array[] },
): boolean {
  const isSameFrontier =
    frontier.length === edge.hashes.length &&
    frontier.every((hash, n) => isEqual(hash, edge.hashes[n] ?? new Uint8Array()));
  return isEqual(root, edge.root) && isSameFrontier;
}
