import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Frontier, type WholeNode } from './frontier.js';
import { leafHash, nodeHash } from './hash.js';

const LEAVES = Array.from({ length: 1000 }, (_, index) => leafHash(`leaf ${index}`));
const DAMAGED = expect.objectContaining({ code: 'LOG_DAMAGED' }) as Error;

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** MTH of RFC 6962, section 2.1, over one leaf or more. */
function mth(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 1) return hashes[0] as Uint8Array;
  const k = 2 ** ((hashes.length - 1).toString(2).length - 1);
  return nodeHash(mth(hashes.slice(0, k)), mth(hashes.slice(k)));
}

function grown(leaves: readonly Uint8Array[], onNode?: (node: WholeNode) => void): Frontier {
  const frontier = new Frontier();
  for (const leaf of leaves) frontier.append(leaf, onNode);
  return frontier;
}

describe('a frontier', () => {
  it('has the root of the definition after every leaf', () => {
    const frontier = new Frontier();
    for (const [index, leaf] of LEAVES.slice(0, 300).entries()) {
      frontier.append(leaf);
      expect(frontier.size).toBe(index + 1);
      expect(hex(frontier.root())).toBe(hex(mth(LEAVES.slice(0, index + 1))));
    }
  });

  it('keeps the perfect subtrees the tree consists of, the largest first', () => {
    expect(new Frontier().hashes).toEqual([]);
    expect(grown(LEAVES.slice(0, 13)).hashes.map(hex)).toEqual(
      [mth(LEAVES.slice(0, 8)), mth(LEAVES.slice(8, 12)), mth(LEAVES.slice(12, 13))].map(hex),
    );
  });

  it('goes on from any size as if it had never stopped', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), (one, other) => {
        const [stop, end] = [Math.min(one, other), Math.max(one, other)];
        const left = grown(LEAVES.slice(0, stop));
        const resumed = new Frontier(left.size, left.hashes);
        expect(hex(resumed.root())).toBe(hex(left.root()));
        for (const leaf of LEAVES.slice(stop, end)) resumed.append(leaf);
        expect(hex(resumed.root())).toBe(hex(grown(LEAVES.slice(0, end)).root()));
      }),
      { numRuns: 40 },
    );
  });

  it('tells of the root of every 256 leaves, and of nothing else', () => {
    const nodes: WholeNode[] = [];
    grown(LEAVES, (node) => nodes.push(node));
    expect(nodes.map(({ level, index, hash }) => [level, index, hex(hash)])).toEqual(
      [0, 1, 2].map((index) => [1, index, hex(mth(LEAVES.slice(index * 256, index * 256 + 256)))]),
    );
  });

  it('tells of a node of the next level after the last of those below it', () => {
    // As if all 65,536 leaves but the last 256 were there: eight subtrees on each of two levels.
    const nodes: WholeNode[] = [];
    const [below = new Uint8Array(32)] = LEAVES;
    const edge = LEAVES.slice(0, 8);
    const frontier = new Frontier(65_536 * 2 - 256, [below, ...edge]);
    for (const leaf of LEAVES.slice(0, 256)) frontier.append(leaf, (node) => nodes.push(node));
    const whole = edge.reduceRight((right, left) => nodeHash(left, right), mth(LEAVES.slice(0, 256)));
    expect(nodes.map(({ level, index }) => [level, index])).toEqual([
      [1, 511],
      [2, 1],
    ]);
    expect(nodes.map(({ hash }) => hex(hash))).toEqual([hex(mth(LEAVES.slice(0, 256))), hex(whole)]);
    expect(frontier.hashes.map(hex)).toEqual([hex(nodeHash(below, whole))]);
  });

  it('counts beyond 32 bits', () => {
    const size = 2 ** 40 + 2 ** 33 + 255;
    const hashes = LEAVES.slice(0, 10);
    const nodes: WholeNode[] = [];
    const frontier = new Frontier(size, hashes);
    frontier.append(leafHash('next'), (node) => nodes.push(node));
    expect(frontier.size).toBe(size + 1);
    expect(frontier.hashes).toHaveLength(3);
    expect(nodes.map(({ level, index }) => [level, index])).toEqual([[1, 2 ** 32 + 2 ** 25]]);
  });

  it('has not appended a leaf of which it could not tell', () => {
    const frontier = grown(LEAVES.slice(0, 255));
    const [size, hashes, root] = [frontier.size, frontier.hashes, hex(frontier.root())];
    const attempt = (): void =>
      frontier.append(LEAVES[255] as Uint8Array, () => {
        throw new Error('no room');
      });
    expect(attempt).toThrow('no room');
    expect([frontier.size, frontier.hashes, hex(frontier.root())]).toEqual([size, hashes, root]);
    frontier.append(LEAVES[255] as Uint8Array);
    expect(hex(frontier.root())).toBe(hex(mth(LEAVES.slice(0, 256))));
  });

  it('does not change when what it was given or gave out does', () => {
    const [first, second] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const frontier = new Frontier(1, [first]);
    const head = frontier.hashes;
    first.fill(9);
    expect(hex(frontier.root())).toBe('01'.repeat(32));
    frontier.append(second);
    frontier.append(second);
    second.fill(9);
    expect(frontier.hashes.map(hex)[1]).toBe('02'.repeat(32));
    expect(head).toHaveLength(1);
  });

  it.each<[string, number, Uint8Array[]]>([
    ['a hash too few', 3, LEAVES.slice(0, 1)],
    ['a hash too many', 4, LEAVES.slice(0, 2)],
    ['hashes of the empty tree', 0, LEAVES.slice(0, 1)],
    ['no hashes', 1, []],
    ['a hash that is too short', 1, [new Uint8Array(31)]],
    ['a hash that is none', 1, [undefined as unknown as Uint8Array]],
    ['half a leaf', 1.5, LEAVES.slice(0, 1)],
    ['fewer than no leaves', -1, LEAVES.slice(0, 1)],
    ['more leaves than can be counted', 2 ** 53, LEAVES.slice(0, 1)],
    ['no number', Number.NaN, []],
  ])('refuses to go on from %s', (_, size, hashes) => {
    expect(() => new Frontier(size, hashes)).toThrow(DAMAGED);
  });

  it.each([undefined, 'a'.repeat(32), new Uint8Array(0), new Uint8Array(33), [1]])(
    'refuses a leaf that is no hash: %j',
    (leaf) => {
      const frontier = grown(LEAVES.slice(0, 2));
      expect(() => frontier.append(leaf as Uint8Array)).toThrow(
        expect.objectContaining({ code: 'NOT_PROVABLE' }),
      );
      expect(frontier.size).toBe(2);
    },
  );
});
