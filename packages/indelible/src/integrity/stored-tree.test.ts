import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Frontier, type WholeNode } from './frontier.js';
import { leafHash, nodeHash } from './hash.js';
import { consistencyProof, inclusionProof } from './proof.js';
import { StoredTree, type TreeSource } from './stored-tree.js';
import { rootOf } from './tree.js';
import { verifyConsistency, verifyInclusion } from './verify-proof.js';

const LEAVES = Array.from({ length: 66_000 }, (_, index) => leafHash(`leaf ${index}`));
const LOG = logOf(LEAVES);
const MILLION = 1_000_000;
const DAMAGED = expect.objectContaining({ code: 'LOG_DAMAGED' }) as Error;

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** A log as a store keeps it, filled by a frontier. */
function logOf(leaves: readonly Uint8Array[]): TreeSource & { readonly levels: Uint8Array[][] } {
  const levels: Uint8Array[][] = [[...leaves], [], []];
  const keep = ({ level, index, hash }: WholeNode): void => {
    const nodes = levels[level] ?? [];
    nodes[index] = hash;
  };
  const frontier = new Frontier();
  for (const leaf of leaves) frontier.append(leaf, keep);
  return {
    levels,
    leafHashes: async (from, to) => levels[0]?.slice(from, to) ?? [],
    nodes: async (level, from, to) => levels[level]?.slice(from, to) ?? [],
  };
}

/** A log of equal leaves can be as long as one likes: a perfect subtree depends on its height alone. */
class EqualLeaves implements TreeSource {
  reads = 0;
  hashes = 0;
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  async leafHashes(from: number, to: number): Promise<readonly Uint8Array[]> {
    return this.nodes(0, from, to);
  }

  async nodes(level: number, from: number, to: number): Promise<readonly Uint8Array[]> {
    if (from >= to || to > this.#size / 256 ** level) throw new RangeError(`no nodes ${from} to ${to}`);
    this.reads += 1;
    this.hashes += to - from;
    return Array.from({ length: to - from }, () => perfect(8 * level));
  }
}

const PERFECT = [leafHash('the same')];

function perfect(height: number): Uint8Array {
  const known = PERFECT[height];
  if (known) return known;
  const half = perfect(height - 1);
  return (PERFECT[height] = nodeHash(half, half));
}

/** The root of so many equal leaves, by the definition of RFC 6962. */
function equalRoot(size: number): Uint8Array {
  const height = size.toString(2).length - 1;
  if (size === 2 ** height) return perfect(height);
  return nodeHash(perfect(height), equalRoot(size - 2 ** height));
}

describe('a stored tree', () => {
  it('gives the roots and proofs of the whole list of leaves, at all small sizes', async () => {
    const tree = new StoredTree(logOf(LEAVES.slice(0, 34)));
    for (let size = 0; size <= 34; size += 1) {
      const hashes = LEAVES.slice(0, size);
      expect(hex(await tree.root(size))).toBe(hex(rootOf(hashes)));
      expect(await tree.consistency(0, size)).toEqual([]);
      for (let index = 0; index < size; index += 1) {
        expect(await tree.inclusion(index, size)).toEqual(inclusionProof(hashes, index));
        expect(await tree.consistency(index + 1, size)).toEqual(consistencyProof(hashes, index + 1));
      }
    }
  });

  it('gives the same at sizes that need nodes of two levels', async () => {
    const tree = new StoredTree(LOG);
    const sizes = [255, 256, 257, 513, 1023, 65_537, 66_000];
    for (const size of sizes) {
      const hashes = LEAVES.slice(0, size);
      expect(hex(await tree.root(size))).toBe(hex(rootOf(hashes)));
      const index = (size * 7919) % size || size - 1;
      expect(await tree.inclusion(index, size)).toEqual(inclusionProof(hashes, index));
      expect(await tree.consistency(254, size)).toEqual(consistencyProof(hashes, 254));
    }
  });

  it('gives proofs that verify, whatever is asked for', async () => {
    const tree = new StoredTree(LOG);
    const size = fc.integer({ min: 1, max: LEAVES.length });
    await fc.assert(
      fc.asyncProperty(size, size, fc.nat(), async (one, other, seed) => {
        const [size1, size2] = [Math.min(one, other), Math.max(one, other)];
        const [root1, root2] = await Promise.all([tree.root(size1), tree.root(size2)]);
        const proof = await tree.consistency(size1, size2);
        expect(verifyConsistency({ size1, root1, size2, root2, proof })).toBe(true);
        const index = seed % size2;
        const path = await tree.inclusion(index, size2);
        const leaf = LEAVES[index] as Uint8Array;
        expect(verifyInclusion({ leafHash: leaf, index, size: size2, proof: path, root: root2 })).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('reads at a million leaves no more than six runs of hashes for an answer', async () => {
    const source = new EqualLeaves(MILLION);
    const tree = new StoredTree(source);
    const leaf = perfect(0);
    const root = await tree.root(MILLION);
    expect(hex(root)).toBe(hex(equalRoot(MILLION)));
    for (let at = 0; at < 100; at += 1) {
      const index = (at * 7_368_787) % MILLION;
      [source.reads, source.hashes] = [0, 0];
      const proof = await tree.inclusion(index, MILLION);
      expect(source.reads).toBeLessThanOrEqual(6);
      expect(source.hashes).toBeLessThanOrEqual(1536);
      expect(verifyInclusion({ leafHash: leaf, index, size: MILLION, proof, root })).toBe(true);
    }
  });

  it('reads for a consistency proof between large trees no more than for an inclusion', async () => {
    const source = new EqualLeaves(MILLION);
    const tree = new StoredTree(source);
    for (let at = 1; at < 100; at += 1) {
      const size1 = (at * 7_368_787) % MILLION;
      [source.reads, source.hashes] = [0, 0];
      const proof = await tree.consistency(size1, MILLION);
      expect(source.reads).toBeLessThanOrEqual(6);
      expect(source.hashes).toBeLessThanOrEqual(1536);
      const [root1, root2] = [equalRoot(size1), equalRoot(MILLION)];
      expect(verifyConsistency({ size1, root1, size2: MILLION, root2, proof })).toBe(true);
    }
  });

  it('goes on beyond 32 bits', async () => {
    const size = 2 ** 44 + 2 ** 33 + 12_345;
    const source = new EqualLeaves(size);
    const tree = new StoredTree(source);
    const index = 2 ** 44 + 77;
    const [root, proof] = [await tree.root(size), await tree.inclusion(index, size)];
    expect(hex(root)).toBe(hex(equalRoot(size)));
    expect(verifyInclusion({ leafHash: perfect(0), index, size, proof, root })).toBe(true);
    expect(source.hashes).toBeLessThan(8000);
  });

  it('answers from a log that has grown since, as it was at the size asked for', async () => {
    const [then, now] = [LEAVES.slice(0, 600), LEAVES.slice(0, 5000)];
    const tree = new StoredTree(logOf(now));
    expect(hex(await tree.root(600))).toBe(hex(rootOf(then)));
    expect(await tree.inclusion(599, 600)).toEqual(inclusionProof(then, 599));
  });

  it('says that the log is damaged where hashes are missing or are none', async () => {
    const cases: ((log: ReturnType<typeof logOf>) => void)[] = [
      (log) => log.levels[0]?.pop(),
      (log) => log.levels[1]?.pop(),
      (log) => log.levels[1]?.splice(0, 1, new Uint8Array(31)),
      (log) => log.levels[0]?.splice(599, 1, undefined as unknown as Uint8Array),
    ];
    for (const damage of cases) {
      const log = logOf(LEAVES.slice(0, 600));
      await expect(new StoredTree(log).root(600)).resolves.toBeDefined();
      damage(log);
      await expect(new StoredTree(log).root(600)).rejects.toThrow(DAMAGED);
    }
    await expect(new StoredTree(logOf(LEAVES.slice(0, 600))).inclusion(0, 601)).rejects.toThrow(DAMAGED);
  });

  it('makes of an altered log no proof that verifies', async () => {
    const root = rootOf(LEAVES.slice(0, 600));
    for (const level of [0, 1]) {
      const log = logOf(LEAVES.slice(0, 600));
      log.levels[level]?.splice(0, 1, leafHash('altered'));
      const proof = await new StoredTree(log).inclusion(level === 0 ? 1 : 300, 600);
      const index = level === 0 ? 1 : 300;
      const leaf = LEAVES[index] as Uint8Array;
      expect(verifyInclusion({ leafHash: leaf, index, size: 600, proof, root })).toBe(false);
    }
  });

  it('refuses to prove what a tree does not have', async () => {
    const tree = new StoredTree(logOf(LEAVES.slice(0, 10)));
    const refused = expect.objectContaining({ code: 'NOT_PROVABLE' }) as Error;
    await expect(tree.inclusion(10, 10)).rejects.toThrow(refused);
    await expect(tree.inclusion(-1, 10)).rejects.toThrow(refused);
    await expect(tree.consistency(10, 9)).rejects.toThrow(refused);
    await expect(tree.root(1.5)).rejects.toThrow(refused);
    await expect(tree.root(-1)).rejects.toThrow(refused);
  });

  it('passes on that its source failed', async () => {
    const away = async (): Promise<never> => {
      throw new Error('the store is away');
    };
    const tree = new StoredTree({ leafHashes: away, nodes: away });
    await expect(tree.inclusion(3, 1000)).rejects.toThrow('the store is away');
  });
});
