import { consistencySpans, inclusionSpans, rootOf, type Span } from './tree.js';

/**
 * The proof that the tree over these hashes of leaves holds the one at the index, by RFC 6962.
 *
 * @example
 * ```ts
 * const hashes = ['a', 'b', 'c'].map((data) => leafHash(data));
 * const proof = inclusionProof(hashes, 2);
 * verifyInclusion({ leafHash: leafHash('c'), index: 2, size: 3, proof, root: rootOf(hashes) }); // true
 * ```
 */
export function inclusionProof(hashes: readonly Uint8Array[], index: number | bigint): Uint8Array[] {
  return rootsOf(hashes, inclusionSpans(Number(index), hashes.length));
}

/**
 * The proof that the tree over these hashes of leaves continues the one over the first `size1` of them, by
 * RFC 6962. It is empty for a tree and itself, and for the empty tree.
 *
 * @example
 * ```ts
 * const hashes = ['a', 'b', 'c'].map((data) => leafHash(data));
 * const [root1, root2] = [rootOf(hashes.slice(0, 2)), rootOf(hashes)];
 * verifyConsistency({ size1: 2, root1, size2: 3, root2, proof: consistencyProof(hashes, 2) }); // true
 * ```
 */
export function consistencyProof(hashes: readonly Uint8Array[], size1: number | bigint): Uint8Array[] {
  return rootsOf(hashes, consistencySpans(Number(size1), hashes.length));
}

function rootsOf(hashes: readonly Uint8Array[], spans: readonly Span[]): Uint8Array[] {
  return spans.map(({ from, to }) => rootOf(hashes.slice(from, to)));
}
