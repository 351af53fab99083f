import { createHash } from 'node:crypto';

import { NODE_WIDTH, type TreeNode } from '../../stores/seal-log.js';

/** A Merkle tree by the letter of RFC 6962, made anew for every question: to check the quicker ones by. */
export class NaiveTree {
  readonly leaves: readonly Uint8Array[];

  constructor(leaves: readonly Uint8Array[] = []) {
    this.leaves = leaves;
  }

  get size(): number {
    return this.leaves.length;
  }

  root(): Uint8Array {
    return rootOf(this.leaves);
  }

  /** The roots of the perfect subtrees, the largest first. */
  frontier(): Uint8Array[] {
    const roots: Uint8Array[] = [];
    for (let from = 0; from < this.size;) {
      const width = 2 ** Math.floor(Math.log2(this.size - from));
      roots.push(rootOf(this.leaves.slice(from, from + width)));
      from += width;
    }
    return roots;
  }

  /** The whole subtrees of 256 leaves, of 256 x 256 and so on, that a smaller tree did not have yet. */
  nodesSince(size: number): TreeNode[] {
    const nodes: TreeNode[] = [];
    for (let level = 1, width = NODE_WIDTH; width <= this.size; level += 1, width *= NODE_WIDTH)
      for (let index = Math.floor(size / width); (index + 1) * width <= this.size; index += 1)
        nodes.push({ level, index, hash: rootOf(this.leaves.slice(index * width, (index + 1) * width)) });
    return nodes;
  }

  with(leaves: readonly Uint8Array[]): NaiveTree {
    return new NaiveTree([...this.leaves, ...leaves]);
  }
}

function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  const [only = sha256()] = leaves;
  if (leaves.length < 2) return only;
  const split = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  return sha256(Uint8Array.of(1), rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}
