import { canonicalize } from '../../integrity/canonical.js';
import { openCheckpoint } from '../../integrity/checkpoint.js';
import type { VerifierKey } from '../../integrity/note-key.js';
import { StoredTree } from '../../integrity/stored-tree.js';
import { writeProof } from '../../integrity/tlog-proof.js';
import type { SealedLeaf, StoredCheckpoint } from '../../stores/seal-log.js';
import type { ProofAnswer } from '../answers.js';
import type { Call } from '../call.js';
import { Refusal } from '../refusal.js';
import { keyAnswer, keysOf } from './keys.js';

/** That an event is in the log: its leaf, the way from there to a root, and who signed that root. */
export async function proof(call: Call): Promise<ProofAnswer> {
  const { serving } = call.api;
  const { store } = serving;
  const { id } = await call.event();
  const index = await store.indexOf(id);
  const checkpoint = await store.lastCheckpoint();
  const [leaf] = index === undefined ? [] : await store.leaves(index, 1);
  if (leaf === undefined || checkpoint === undefined || checkpoint.size <= leaf.index) throw unsealed();
  return proofOf(
    leaf,
    checkpoint,
    await new StoredTree(store).inclusion(leaf.index, checkpoint.size),
    keysOf(serving),
  );
}

function proofOf(
  { id, index, hash, entry }: SealedLeaf,
  { size, note }: StoredCheckpoint,
  path: readonly Uint8Array[],
  keys: readonly VerifierKey[],
): ProofAnswer {
  const opened = openCheckpoint(note, keys);
  return {
    event_id: id,
    leaf_index: index,
    leaf_hash: hex(hash),
    core: entry === undefined ? null : canonicalize(entry.core),
    tree_size: size,
    root_hash: opened === undefined ? null : hex(opened.root),
    inclusion: path.map(hex),
    checkpoint: note,
    tlog_proof: writeProof({ index, proof: path, checkpoint: note }),
    keys: keys.map(keyAnswer),
  };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function unsealed(): Refusal {
  return new Refusal(
    409,
    'The event has no place in the log yet, so that nothing can be proved of it. It is sealed within moments where this trail seals; try again then.',
    { code: 'NOT_PROVABLE', headers: { 'Retry-After': '2' } },
  );
}
