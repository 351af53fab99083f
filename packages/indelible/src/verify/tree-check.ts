import { Frontier, type WholeNode } from '../integrity/frontier.js';
import { isEqual } from './leaf-state.js';

/** What a signed root says of the leaves so far; `repaired` when it is true of the events, and not of the log's hashes. */
export type Comparison = 'holds' | 'repaired' | 'differs' | 'unknown';

/**
 * The tree over the leaves, as they come. Where an event does not hash to its leaf, one of the two was altered, and the
 * next signed root tells which: until then two trees are grown.
 */
export class TreeCheck {
  #tree: Frontier;
  #nodes: WholeNode[] = [];
  /** Of the events as they are, since the last leaf that was signed for. */
  #other: Frontier | undefined;
  #otherNodes: WholeNode[] = [];
  #isBroken = false;
  #size: number;
  #proved: number;

  /** Goes on from a tree whose root was signed; from nothing that can be proved, where there is none. */
  constructor(size = 0, start: Frontier | undefined = new Frontier()) {
    this.#tree = start ?? new Frontier();
    this.#size = size;
    this.#proved = start === undefined ? 0 : size;
    this.#isBroken = start === undefined;
  }

  /** Leaves that went by, whether or not they could be hashed on. */
  get size(): number {
    return this.#size;
  }

  /** So many of them are under a signed root that holds. */
  get proved(): number {
    return this.#proved;
  }

  /** Where a signed root held last; null where something that was never signed for came after it. */
  get edge(): {
    readonly size: number;
    readonly hashes: readonly Uint8Array[];
    readonly root: Uint8Array;
  } | null {
    if (this.#isBroken || this.#size !== this.#tree.size) return null;
    return { size: this.#size, hashes: this.#tree.hashes, root: this.#tree.root() };
  }

  /** `computed` is what the event hashes to, where that is another hash than the leaf's. */
  append(hash: Uint8Array, computed?: Uint8Array): void {
    this.#size += 1;
    if (this.#isBroken) return;
    if (computed !== undefined && this.#other === undefined) this.#branch();
    this.#other?.append(computed ?? hash, (node) => this.#otherNodes.push(node));
    this.#tree.append(hash, (node) => this.#nodes.push(node));
  }

  /** Leaves that are not there: no root behind them can be computed any more. */
  skipTo(size: number): void {
    this.#size = size;
    this.#isBroken = true;
  }

  /** Holds the tree against the root that was signed for just this size; when it differs, the tree is given up. */
  compare(root: Uint8Array): Comparison {
    const comparison = this.probe(root);
    if (comparison === 'differs') this.#break();
    return comparison;
  }

  /** As `compare`, and goes on whatever comes of it. */
  probe(root: Uint8Array): Comparison {
    if (this.#isBroken) return 'unknown';
    if (isEqual(this.#tree.root(), root)) return this.#confirm('holds');
    if (this.#other === undefined || !isEqual(this.#other.root(), root)) return 'differs';
    this.#tree = this.#other;
    this.#nodes = this.#otherNodes;
    return this.#confirm('repaired');
  }

  /** The roots of whole subtrees that were signed for since the last time. */
  takeNodes(): WholeNode[] {
    return this.#other === undefined ? this.#nodes.splice(0) : [];
  }

  #branch(): void {
    this.#other = new Frontier(this.#tree.size, this.#tree.hashes);
    this.#otherNodes = [...this.#nodes];
  }

  #confirm(comparison: Comparison): Comparison {
    this.#other = undefined;
    this.#otherNodes = [];
    this.#proved = this.#size;
    return comparison;
  }

  #break(): void {
    this.#isBroken = true;
    this.#nodes = [];
  }
}
