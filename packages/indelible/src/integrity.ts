export { canonicalize } from './integrity/canonical.js';
export { leafHash, nodeHash } from './integrity/hash.js';
export { keyId } from './integrity/note-key.js';
