import { setImmediate } from 'node:timers/promises';

import type { SealedLeaf, SealLog } from '../stores/seal-log.js';
import type { CheckpointCheck } from './checkpoint-check.js';
import type { EventCheck } from './event-check.js';
import type { Findings } from './findings.js';
import { leafBatches } from './leaf-batches.js';
import { checkNodes } from './node-check.js';
import type { TreeCheck } from './tree-check.js';

/** A log that claims leaves it does not have is not followed for ever. */
const MOST_EMPTY = 1_000;
/** After so many leaves what has come of the next batch is taken in, which the database else could not send on. */
const AT_ONCE = 256;

interface Parts {
  readonly log: Pick<SealLog, 'leaves' | 'rawLeaves' | 'nodes'>;
  readonly tree: TreeCheck;
  readonly events: EventCheck;
  readonly checkpoints: CheckpointCheck;
  readonly findings: Findings;
  /** After every batch, with the number of leaves that were looked at. */
  readonly onBatch: (size: number) => void | Promise<void>;
}

/** Goes through the leaves of a log in their order, from where the tree stands. */
export class LogPass {
  readonly #parts: Parts;
  /** Leaves that were looked at without a rest. */
  #restless = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Up to an index, or to the last leaf there is before it. */
  async run(to: number): Promise<void> {
    const { log, tree, events, onBatch } = this.#parts;
    let empty = 0;
    await this.#compare();
    for await (const { leaves } of leafBatches(log, tree.size, to)) {
      empty = leaves.length === 0 ? empty + 1 : 0;
      if (empty > MOST_EMPTY) break;
      await events.prepare(leaves);
      await this.#take(leaves);
      await onBatch(tree.size);
    }
  }

  async #take(leaves: readonly SealedLeaf[]): Promise<void> {
    const { tree, checkpoints } = this.#parts;
    for (let n = 0; n < leaves.length;) {
      const until = await checkpoints.next();
      const next = this.#append(leaves, n, until);
      if (tree.size >= until) await this.#compare();
      await this.#rest(next - n);
      n = next;
    }
  }

  async #rest(leaves: number): Promise<void> {
    this.#restless += leaves;
    if (this.#restless < AT_ONCE) return;
    this.#restless = 0;
    await setImmediate();
  }

  /** From one leaf of the batch until a root must be compared, or a rest is due; answers which leaf comes after. */
  #append(leaves: readonly SealedLeaf[], from: number, until: number): number {
    const { tree, events } = this.#parts;
    const end = Math.min(leaves.length, from + AT_ONCE);
    let n = from;
    for (; n < end && tree.size < until; n += 1) {
      const leaf = leaves[n];
      if (leaf === undefined || !this.#isNext(leaf)) continue;
      tree.append(leaf.hash, events.check(leaf));
    }
    return n;
  }

  #isNext(leaf: SealedLeaf): boolean {
    const { tree, findings } = this.#parts;
    const { size } = tree;
    const { index } = leaf;
    if (index === size) return true;
    if (index < size) {
      findings.add('FORK', 'the log has two leaves of this index', { index, id: leaf.id });
      return false;
    }
    findings.add('FORK', 'leaves are gone from the middle of the log', { index: size, last: index - 1 });
    tree.skipTo(index);
    return true;
  }

  async #compare(): Promise<void> {
    const { log, tree, checkpoints, findings } = this.#parts;
    await checkpoints.compareDue();
    const nodes = tree.proved === tree.size ? tree.takeNodes() : [];
    if (nodes.length > 0) await checkNodes(log, nodes, findings);
  }
}
