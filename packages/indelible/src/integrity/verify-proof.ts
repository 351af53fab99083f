import { isHash, nodeHash, sha256 } from './hash.js';
import { treeSize } from './tree-size.js';

/** No proof is longer: a node for each bit of a size, and the one a consistency proof starts from. */
const MAX_PROOF = 65;

/** That the tree of this size and root has a leaf of this hash at this index. */
export interface InclusionClaim {
  readonly leafHash: Uint8Array;
  readonly index: number | bigint;
  readonly size: number | bigint;
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
}

/** That the second tree begins with all the leaves of the first, in their order. */
export interface ConsistencyClaim {
  readonly size1: number | bigint;
  readonly root1: Uint8Array;
  readonly size2: number | bigint;
  readonly root2: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/**
 * Whether the proof shows that the tree has the leaf at the index. False for everything that does not show it,
 * whatever was given; it never throws.
 *
 * @example
 * ```ts
 * verifyInclusion({ leafHash: leafHash('a'), index: 0n, size: 1n, proof: [], root: rootOf([leafHash('a')]) }); // true
 * ```
 */
export function verifyInclusion(claim: InclusionClaim): boolean {
  try {
    const [index, size] = [countIn(claim.index), countIn(claim.size)];
    const proof = hashesIn(claim.proof);
    return index < size && leadsTo(hashIn(claim.root), hashIn(claim.leafHash), index, size - 1n, proof);
  } catch {
    // What cannot be read as a claim shows nothing.
    return false;
  }
}

/**
 * Whether the proof shows that the second tree continues the first. The empty tree is continued by every tree,
 * with an empty proof. False for everything that does not show it, whatever was given; it never throws.
 *
 * @example
 * ```ts
 * const root = rootOf([leafHash('a')]);
 * verifyConsistency({ size1: 1, root1: root, size2: 1, root2: root, proof: [] }); // true
 * ```
 */
export function verifyConsistency(claim: ConsistencyClaim): boolean {
  try {
    const [size1, size2] = [countIn(claim.size1), countIn(claim.size2)];
    const [root1, root2] = [hashIn(claim.root1), hashIn(claim.root2)];
    const proof = hashesIn(claim.proof);
    if (size1 === size2) return proof.length === 0 && isSame(root1, root2) && isRootOf(size1, root1);
    if (size1 === 0n) return proof.length === 0 && isRootOf(size1, root1);
    return size1 < size2 && continues(size1, root1, size2, root2, proof);
  } catch {
    // What cannot be read as a claim shows nothing.
    return false;
  }
}

/** RFC 9162, section 2.1.3.2: whether the way up from a node ends at the root. */
function leadsTo(
  root: Uint8Array,
  leaf: Uint8Array,
  index: bigint,
  last: bigint,
  proof: readonly Uint8Array[],
): boolean {
  let [node, at, edge] = [leaf, index, last];
  for (const sibling of proof) {
    if (edge === 0n) return false;
    if (isRight(at) || at === edge) {
      node = nodeHash(sibling, node);
      [at, edge] = climbed(at, edge);
    } else node = nodeHash(node, sibling);
    [at, edge] = [at >> 1n, edge >> 1n];
  }
  return edge === 0n && isSame(node, root);
}

/** RFC 9162, section 2.1.4.2: one way up for each of the trees, through the same nodes. */
function continues(
  size1: bigint,
  root1: Uint8Array,
  size2: bigint,
  root2: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  const isWhole = (size1 & (size1 - 1n)) === 0n;
  const [start, ...rest] = isWhole ? [root1, ...proof] : proof;
  if (start === undefined) return false;
  let [at, edge] = firstLeft(size1 - 1n, size2 - 1n);
  let [node1, node2] = [start, start];
  for (const sibling of rest) {
    if (edge === 0n) return false;
    if (isRight(at) || at === edge) {
      [node1, node2] = [nodeHash(sibling, node1), nodeHash(sibling, node2)];
      [at, edge] = climbed(at, edge);
    } else node2 = nodeHash(node2, sibling);
    [at, edge] = [at >> 1n, edge >> 1n];
  }
  return edge === 0n && isSame(node1, root1) && isSame(node2, root2);
}

/** Up, as long as the node is a right one, past the levels at which the smaller tree is whole. */
function firstLeft(index: bigint, last: bigint): [bigint, bigint] {
  let [at, edge] = [index, last];
  while (isRight(at)) [at, edge] = [at >> 1n, edge >> 1n];
  return [at, edge];
}

/** Past the levels at which a node on the right edge has no sibling. */
function climbed(index: bigint, last: bigint): [bigint, bigint] {
  let [at, edge] = [index, last];
  while (at !== 0n && !isRight(at)) [at, edge] = [at >> 1n, edge >> 1n];
  return [at, edge];
}

/** Of the empty tree the root is known. */
function isRootOf(size: bigint, root: Uint8Array): boolean {
  return size > 0n || isSame(root, sha256());
}

function isRight(index: bigint): boolean {
  return (index & 1n) === 1n;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function countIn(value: unknown): bigint {
  const count = treeSize(value);
  if (count === undefined) throw new TypeError('not a size');
  return count;
}

/** A copy, which nobody can change while it is looked at. */
function hashIn(value: unknown): Uint8Array {
  const copy = isHash(value) ? new Uint8Array(value) : undefined;
  if (!isHash(copy)) throw new TypeError('not a hash');
  return copy;
}

function hashesIn(values: unknown): Uint8Array[] {
  if (!Array.isArray(values)) throw new TypeError('not a list');
  const count = values.length;
  if (count > MAX_PROOF) throw new TypeError('longer than any proof');
  return Array.from({ length: count }, (_, at) => hashIn(values[at]));
}
