import { readFileSync } from 'node:fs';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { leafHash, nodeHash } from './hash.js';
import { consistencyProof, inclusionProof } from './proof.js';
import { rootOf } from './tree.js';

const { tree: KNOWN } = JSON.parse(readFileSync(new URL('known-answers.json', import.meta.url), 'utf8')) as {
  tree: {
    leaves: string[];
    roots: string[];
    inclusion: { index: number; size: number; proof: string[] }[];
    consistency: { size1: number; size2: number; proof: string[] }[];
  };
};
const KNOWN_HASHES = KNOWN.leaves.map((digits) => leafHash(Buffer.from(digits, 'hex')));
const HASHES = Array.from({ length: 130 }, (_, index) => leafHash(`leaf ${index}`));
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** k of RFC 6962, section 2.1: the largest power of two smaller than n. */
function k(n: number): number {
  return 2 ** ((n - 1).toString(2).length - 1);
}

/** MTH, word for word. */
function mth(d: readonly Uint8Array[]): Uint8Array {
  const [only] = d;
  if (only === undefined) return Buffer.from(EMPTY, 'hex');
  if (d.length === 1) return only;
  return nodeHash(mth(d.slice(0, k(d.length))), mth(d.slice(k(d.length))));
}

/** PATH, word for word. */
function path(m: number, d: readonly Uint8Array[]): Uint8Array[] {
  if (d.length === 1) return [];
  const half = k(d.length);
  return m < half
    ? [...path(m, d.slice(0, half)), mth(d.slice(half))]
    : [...path(m - half, d.slice(half)), mth(d.slice(0, half))];
}

/** SUBPROOF, word for word. */
function subproof(m: number, d: readonly Uint8Array[], b: boolean): Uint8Array[] {
  if (m === d.length) return b ? [] : [mth(d)];
  const half = k(d.length);
  return m <= half
    ? [...subproof(m, d.slice(0, half), b), mth(d.slice(half))]
    : [...subproof(m - half, d.slice(half), false), mth(d.slice(0, half))];
}

const someHashes = fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), {
  minLength: 1,
  maxLength: 300,
});

describe('the tree of RFC 6962', () => {
  it.each(KNOWN.roots.map((root, size) => [size, root] as const))(
    'has the published root with %i leaves',
    (size, root) => {
      expect(hex(rootOf(KNOWN_HASHES.slice(0, size)))).toBe(root);
    },
  );

  it.each(KNOWN.inclusion)('proves leaf $index of $size as published', ({ index, size, proof }) => {
    expect(inclusionProof(KNOWN_HASHES.slice(0, size), index).map(hex)).toEqual(proof);
  });

  it.each(KNOWN.consistency)(
    'proves that $size2 leaves continue $size1 as published',
    ({ size1, size2, proof }) => {
      expect(consistencyProof(KNOWN_HASHES.slice(0, size2), size1).map(hex)).toEqual(proof);
    },
  );

  it('has, without leaves, the hash of nothing for a root', () => {
    expect(hex(rootOf([]))).toBe(EMPTY);
  });

  it('has the root and the proofs that the definition gives, at every size to 64', () => {
    for (let size = 1; size <= 64; size += 1) {
      const hashes = HASHES.slice(0, size);
      expect(hex(rootOf(hashes))).toBe(hex(mth(hashes)));
      for (let at = 0; at < size; at += 1) {
        expect(inclusionProof(hashes, at).map(hex)).toEqual(path(at, hashes).map(hex));
        expect(consistencyProof(hashes, at + 1).map(hex)).toEqual(subproof(at + 1, hashes, true).map(hex));
      }
    }
  });

  it('has the root and the proofs that the definition gives, over any hashes', () => {
    fc.assert(
      fc.property(someHashes, fc.nat(), (hashes, seed) => {
        const index = seed % hashes.length;
        expect(hex(rootOf(hashes))).toBe(hex(mth(hashes)));
        expect(inclusionProof(hashes, index).map(hex)).toEqual(path(index, hashes).map(hex));
        expect(consistencyProof(hashes, index + 1).map(hex)).toEqual(
          subproof(index + 1, hashes, true).map(hex),
        );
      }),
      { numRuns: 60 },
    );
  });
});

describe('a proof', () => {
  it('is asked for by a number or a big integer alike', () => {
    expect(inclusionProof(HASHES, 77n)).toEqual(inclusionProof(HASHES, 77));
    expect(consistencyProof(HASHES, 77n)).toEqual(consistencyProof(HASHES, 77));
  });

  it('is empty for the only leaf, for a tree and itself, and for the empty tree', () => {
    expect(inclusionProof(HASHES.slice(0, 1), 0)).toEqual([]);
    expect(consistencyProof(HASHES, HASHES.length)).toEqual([]);
    expect(consistencyProof(HASHES, 0)).toEqual([]);
    expect(consistencyProof([], 0)).toEqual([]);
  });

  it.each([-1, 130, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2n ** 64n, -1n])(
    'is refused for a leaf at %s of 130',
    (index) => {
      expect(() => inclusionProof(HASHES, index)).toThrow(expect.objectContaining({ code: 'NOT_PROVABLE' }));
    },
  );

  it.each([-1, 131, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2n ** 64n, -1n])(
    'is refused for a tree of %s continued by one of 130',
    (size1) => {
      expect(() => consistencyProof(HASHES, size1)).toThrow(
        expect.objectContaining({ code: 'NOT_PROVABLE' }),
      );
    },
  );

  it('is refused in an empty tree, and over what is no hash', () => {
    expect(() => inclusionProof([], 0)).toThrow(expect.objectContaining({ code: 'NOT_PROVABLE' }));
    const [hash = new Uint8Array(32)] = HASHES;
    expect(() => rootOf([hash, new Uint8Array(31)])).toThrow(
      expect.objectContaining({ code: 'NOT_PROVABLE' }),
    );
    expect(() => inclusionProof([hash, new Uint8Array(33)], 0)).toThrow(
      expect.objectContaining({ code: 'NOT_PROVABLE' }),
    );
  });
});
