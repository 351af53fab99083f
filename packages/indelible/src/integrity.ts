export { canonicalize } from './integrity/canonical.js';
export { leafHash, nodeHash } from './integrity/hash.js';
