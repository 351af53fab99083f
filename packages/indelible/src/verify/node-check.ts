import type { WholeNode } from '../integrity/frontier.js';
import type { SealLog } from '../stores/seal-log.js';
import { NODE_WIDTH } from '../stores/seal-log.js';
import type { Findings } from './findings.js';
import { isEqual } from './leaf-state.js';

/** Holds the stored roots of whole subtrees, which proofs are made from, against those that were signed for. */
export async function checkNodes(
  log: Pick<SealLog, 'nodes'>,
  nodes: readonly WholeNode[],
  findings: Findings,
): Promise<void> {
  const levels = new Set(nodes.map(({ level }) => level));
  for (const level of levels) {
    const own = nodes.filter((node) => node.level === level);
    await checkLevel(log, level, own, findings);
  }
}

/** They follow one another, since each level of the tree is filled from the left. */
async function checkLevel(
  log: Pick<SealLog, 'nodes'>,
  level: number,
  nodes: readonly WholeNode[],
  findings: Findings,
): Promise<void> {
  const first = nodes[0]?.index ?? 0;
  const stored = await log.nodes(level, first, first + nodes.length);
  for (const [n, { index, hash }] of nodes.entries()) {
    // Where one is missing, those behind it have moved up: each is asked for by itself.
    const [found] =
      stored.length === nodes.length ? stored.slice(n, n + 1) : await log.nodes(level, index, index + 1);
    if (found !== undefined && isEqual(found, hash)) continue;
    const width = NODE_WIDTH ** level;
    const what = `node ${index} of level ${level} is ${found ? 'not the root of its leaves' : 'gone'}, so that proofs cannot be made`;
    findings.add('FORK', what, { index: index * width, last: (index + 1) * width - 1 });
  }
}
