import { AuditError } from '../event/errors.js';
import { isHash, nodeHash, sha256 } from './hash.js';

/** Nodes are told of at every eighth height, where a subtree has 256, 256 x 256 ... leaves. */
const NODE_HEIGHT = 8;

/** The root of a whole subtree of 256^level leaves; `index` counts such subtrees from the left. */
export interface WholeNode {
  readonly level: number;
  readonly index: number;
  readonly hash: Uint8Array;
}

/** The right edge of a Merkle tree: all it takes to append to it and to know its root. */
export class Frontier {
  #size: number;
  /** The roots of the perfect subtrees the tree consists of, the largest first: one for each bit of the size. */
  readonly #hashes: Uint8Array[];

  /** Of a tree that was left at this size with these hashes; of an empty one when nothing is given. */
  constructor(size = 0, hashes: readonly Uint8Array[] = []) {
    checkEdge(size, hashes);
    this.#size = size;
    this.#hashes = hashes.map((hash) => hash.slice());
  }

  get size(): number {
    return this.#size;
  }

  get hashes(): readonly Uint8Array[] {
    return [...this.#hashes];
  }

  root(): Uint8Array {
    return foldEdge(this.#hashes);
  }

  /**
   * Appends the hash of a leaf. `onNode` is called for every whole subtree of 256^level leaves that the leaf
   * completes, the smallest first; when it throws, the leaf is not appended.
   */
  append(leaf: Uint8Array, onNode?: (node: WholeNode) => void): void {
    if (!isHash(leaf)) throw notALeaf();
    let hash: Uint8Array = leaf.slice();
    let kept = this.#hashes.length;
    let before = this.#size;
    for (let height = 1; before % 2 === 1; height += 1) {
      kept -= 1;
      hash = nodeHash(this.#hashes[kept] as Uint8Array, hash);
      before = (before - 1) / 2;
      if (height % NODE_HEIGHT === 0) onNode?.({ level: height / NODE_HEIGHT, index: before, hash });
    }
    this.#hashes.splice(kept, this.#hashes.length, hash);
    this.#size += 1;
  }
}

/** The root of the tree whose perfect subtrees, the largest first, have these roots. */
export function foldEdge(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 0) return sha256();
  return hashes.reduceRight((right, left) => nodeHash(left, right));
}

function checkEdge(size: number, hashes: readonly Uint8Array[]): void {
  if (Number.isSafeInteger(size) && size >= 0 && hashes.length === ones(size) && hashes.every(isHash)) return;
  throw new AuditError(
    'LOG_DAMAGED',
    `A tree of ${size} leaves cannot have the edge that was given: found ${hashes.length} hashes, which must be one of 32 bytes for each bit of the size. Take size and hashes of the same head.`,
  );
}

/** How many bits of a number are set; beyond 32 bits too, where the bitwise operators end. */
function ones(value: number): number {
  let count = 0;
  for (let rest = value; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

function notALeaf(): AuditError {
  return new AuditError(
    'NOT_PROVABLE',
    'A leaf cannot be appended: it is not a hash of 32 bytes. Give the hash of the leaf, as leafHash makes it.',
  );
}
