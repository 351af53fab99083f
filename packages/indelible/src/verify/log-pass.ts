import type { SealedLeaf, SealLog } from '../stores/seal-log.js';
import type { CheckpointCheck } from './checkpoint-check.js';
import type { EventCheck } from './event-check.js';
import type { Findings } from './findings.js';
import { leafBatches } from './leaf-batches.js';
import { checkNodes } from './node-check.js';
import type { TreeCheck } from './tree-check.js';

/** A log that claims leaves it does not have is not followed for ever. */
const MOST_EMPTY = 1_000;

interface Parts {
  readonly log: Pick<SealLog, 'leaves' | 'nodes'>;
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
      n = this.#append(leaves, n, until);
      if (tree.size >= until) await this.#compare();
    }
  }

  /** From one leaf of the batch until a root must be compared; answers which leaf comes after. */
  #append(leaves: readonly SealedLeaf[], from: number, until: number): number {
    const { tree, events } = this.#parts;
    let n = from;
    for (; n < leaves.length && tree.size < until; n += 1) {
      const leaf = leaves[n];
      if (leaf === undefined || !this.#isNext(leaf)) continue;
      tree.append(leaf.hash, events.check(leaf));
    }
    return n;
  }

  #isNext({ index, id }: SealedLeaf): boolean {
    const { tree, findings } = this.#parts;
    const { size } = tree;
    if (index === size) return true;
    if (index < size) {
      findings.add('FORK', 'the log has two leaves of this index', { index, id });
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
