export { canonicalize } from './integrity/canonical.js';
export {
  type Checkpoint,
  openCheckpoint,
  type OpenedCheckpoint,
  signCheckpoint,
} from './integrity/checkpoint.js';
export { leafHash, nodeHash } from './integrity/hash.js';
export { keyId, SigningKey, VerifierKey } from './integrity/note-key.js';
export { consistencyProof, inclusionProof } from './integrity/proof.js';
export { openProof, type OpenedProof, type ProofParts, writeProof } from './integrity/tlog-proof.js';
export { rootOf } from './integrity/tree.js';
export {
  type ConsistencyClaim,
  type InclusionClaim,
  verifyConsistency,
  verifyInclusion,
} from './integrity/verify-proof.js';
