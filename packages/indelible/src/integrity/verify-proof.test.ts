import { readFileSync } from 'node:fs';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { leafHash, nodeHash, sha256 } from './hash.js';
import { consistencyProof, inclusionProof } from './proof.js';
import { rootOf } from './tree.js';
import {
  type ConsistencyClaim,
  type InclusionClaim,
  verifyConsistency,
  verifyInclusion,
} from './verify-proof.js';

const { tree: KNOWN } = JSON.parse(readFileSync(new URL('known-answers.json', import.meta.url), 'utf8')) as {
  tree: {
    leaves: string[];
    roots: string[];
    inclusion: { index: number; size: number; proof: string[] }[];
    consistency: { size1: number; size2: number; proof: string[] }[];
  };
};
const HASHES = Array.from({ length: 40 }, (_, index) => leafHash(`leaf ${index}`));
const ROOTS = Array.from({ length: 41 }, (_, size) => rootOf(HASHES.slice(0, size)));
const MAX = 2n ** 64n - 1n;

const bytes = (digits = ''): Uint8Array => Buffer.from(digits, 'hex');
const at = <T>(list: readonly T[], index: number): T => list[index] as T;

function inclusion(index: number, size: number): InclusionClaim {
  const proof = inclusionProof(HASHES.slice(0, size), index);
  return { leafHash: at(HASHES, index), index, size, proof, root: at(ROOTS, size) };
}

function consistency(size1: number, size2: number): ConsistencyClaim {
  const proof = consistencyProof(HASHES.slice(0, size2), size1);
  return { size1, root1: at(ROOTS, size1), size2, root2: at(ROOTS, size2), proof };
}

/** All hashes that differ from one in a single bit. */
function flips(hash: Uint8Array): Uint8Array[] {
  return Array.from({ length: 256 }, (_, bit) =>
    Uint8Array.from(hash, (byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)),
  );
}

/** All proofs that differ from one in a single bit, a hash more, a hash less, or two that changed places. */
function spoilt(proof: readonly Uint8Array[]): Uint8Array[][] {
  const mutations = proof.flatMap((hash, index) => [
    ...flips(hash).map((flip) => proof.with(index, flip)),
    proof.toSpliced(index, 1),
    proof.toSpliced(index, 0, hash),
    proof.toSpliced(index, 2, ...proof.slice(index, index + 2).toReversed()),
  ]);
  const more = [...mutations, [...proof, new Uint8Array(32)], [new Uint8Array(32), ...proof]];
  return more.filter((other) => Buffer.concat(other).compare(Buffer.concat(proof)) !== 0);
}

function hostileTwin(value: object): object {
  const refuse = (): never => {
    throw new Error('hostile');
  };
  return new Proxy(value, { get: refuse, has: refuse, ownKeys: refuse, getPrototypeOf: refuse });
}

function revoked(value: object): object {
  const { proxy, revoke } = Proxy.revocable(value, {});
  revoke();
  return proxy;
}

/** What might be given in the place of a hash, a list of hashes, a size, or a claim. */
const HOSTILE: readonly unknown[] = [
  undefined,
  null,
  true,
  Number.NaN,
  -1,
  0.5,
  2 ** 53,
  Number.POSITIVE_INFINITY,
  -1n,
  MAX + 1n,
  10n ** 1000n,
  '',
  '1',
  Symbol('s'),
  () => 1,
  [],
  [undefined],
  ['a'.repeat(32)],
  Array.from({ length: 32 }, () => 0),
  { length: 32 },
  { length: 1, 0: new Uint8Array(32) },
  new Uint8Array(0),
  new Uint8Array(31),
  new Uint8Array(33),
  new Uint16Array(32),
  new Uint32Array(8),
  new DataView(new ArrayBuffer(32)),
  new ArrayBuffer(32),
  Object.create(Uint8Array.prototype),
  Object(1),
  Object(1n),
  new Proxy(new Uint8Array(32), {}),
  hostileTwin(new Uint8Array(32)),
  hostileTwin([new Uint8Array(32)]),
  revoked([]),
  Array.from({ length: 66 }, () => new Uint8Array(32)),
  Object.assign([], { length: 2 ** 32 - 1 }),
];

const INCLUSION_MEMBERS = ['leafHash', 'index', 'size', 'proof', 'root'] as const;
const CONSISTENCY_MEMBERS = ['size1', 'root1', 'size2', 'root2', 'proof'] as const;

describe('verifyInclusion', () => {
  it.each(KNOWN.inclusion)(
    'accepts the published proof of leaf $index of $size',
    ({ index, size, proof }) => {
      const root = bytes(KNOWN.roots[size]);
      const claim = {
        leafHash: leafHash(bytes(KNOWN.leaves[index])),
        index,
        size,
        proof: proof.map(bytes),
        root,
      };
      expect(verifyInclusion(claim)).toBe(true);
      expect(verifyInclusion({ ...claim, index: BigInt(index), size: BigInt(size) })).toBe(true);
    },
  );

  it('accepts the proof of every leaf at every size, and at no other place and size with that root', () => {
    for (let size = 1; size <= 40; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const claim = inclusion(index, size);
        const accepted = HASHES.flatMap((_, other) =>
          verifyInclusion({ ...claim, index: other }) ? [other] : [],
        );
        expect(accepted).toEqual([index]);
        expect(verifyInclusion({ ...claim, leafHash: at(HASHES, (index + 1) % 40) })).toBe(false);
        expect(verifyInclusion({ ...claim, root: at(ROOTS, size - 1) })).toBe(false);
      }
    }
  });

  it('refuses a proof, a leaf and a root that differ in a single bit', () => {
    for (const [index, size] of [
      [0, 1],
      [2, 3],
      [5, 8],
      [12, 13],
      [21, 40],
    ] as const) {
      const claim = inclusion(index, size);
      const mutants = [
        ...spoilt(claim.proof).map((proof) => ({ ...claim, proof })),
        ...flips(claim.leafHash).map((hash) => ({ ...claim, leafHash: hash })),
        ...flips(claim.root).map((root) => ({ ...claim, root })),
      ];
      expect(mutants.length).toBeGreaterThan(500);
      expect(verifyInclusion(claim)).toBe(true);
      expect(mutants.filter(verifyInclusion)).toEqual([]);
    }
  });

  it('refuses an index that is not below the size, and an empty tree', () => {
    const only = { leafHash: at(HASHES, 0), proof: [], root: at(HASHES, 0) };
    expect(verifyInclusion({ ...only, index: 0, size: 1 })).toBe(true);
    for (const [index, size] of [
      [1, 1],
      [0, 0],
      [2, 1],
      [MAX, MAX],
    ] as const)
      expect(verifyInclusion({ ...only, index, size })).toBe(false);
  });

  it('refuses an inner node in the place of a leaf', () => {
    const [a, b, c, d] = HASHES.slice(0, 4) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const root = nodeHash(nodeHash(a, b), nodeHash(c, d));
    const claim = { leafHash: nodeHash(a, b), index: 0, proof: [nodeHash(c, d)], root };
    expect(verifyInclusion({ ...claim, size: 4 })).toBe(false);
    expect(verifyInclusion({ ...claim, size: 3 })).toBe(false);
  });

  it('counts to the end of 64 bits, and no further', () => {
    const proof = Array.from({ length: 64 }, (_, level) => sha256(String(level)));
    const leaf = at(HASHES, 0);
    const left = {
      leafHash: leaf,
      index: 0n,
      proof,
      root: proof.reduce((node, right) => nodeHash(node, right), leaf),
    };
    expect(verifyInclusion({ ...left, size: MAX })).toBe(true);
    expect(verifyInclusion({ ...left, size: MAX + 1n })).toBe(false);
    expect(verifyInclusion({ ...left, size: 2n ** 63n })).toBe(false);
    // The last leaf of a tree one larger than a power of two has all the rest in a single node beside it.
    const last = { leafHash: leaf, index: 2n ** 63n, size: 2n ** 63n + 1n, proof: proof.slice(0, 1) };
    expect(verifyInclusion({ ...last, root: nodeHash(at(proof, 0), leaf) })).toBe(true);
    expect(verifyInclusion({ ...last, index: 2 ** 63, root: nodeHash(at(proof, 0), leaf) })).toBe(false);
  });

  it.each(INCLUSION_MEMBERS)('says false to whatever stands for its %s', (member) => {
    for (const value of HOSTILE) {
      const claim = { ...inclusion(7, 29), [member]: value } as InclusionClaim;
      expect(verifyInclusion(claim)).toBe(false);
    }
  });
});

describe('verifyConsistency', () => {
  it.each(KNOWN.consistency)(
    'accepts the published proof from $size1 to $size2',
    ({ size1, size2, proof }) => {
      const [root1, root2] = [bytes(KNOWN.roots[size1]), bytes(KNOWN.roots[size2])];
      const claim = { size1, root1, size2, root2, proof: proof.map(bytes) };
      expect(verifyConsistency(claim)).toBe(true);
      expect(verifyConsistency({ ...claim, size1: BigInt(size1), size2: BigInt(size2) })).toBe(true);
    },
  );

  it('accepts the proof between all sizes, and from no other size', () => {
    for (let size2 = 0; size2 <= 40; size2 += 1) {
      for (let size1 = 0; size1 <= size2; size1 += 1) {
        const claim = consistency(size1, size2);
        const accepted = ROOTS.flatMap((_, other) =>
          verifyConsistency({ ...claim, size1: other }) ? [other] : [],
        );
        expect(accepted).toEqual([size1]);
        expect(verifyConsistency({ ...claim, root1: at(ROOTS, size1 + 1 > 40 ? 0 : size1 + 1) })).toBe(false);
      }
    }
  });

  it('refuses a proof and roots that differ in a single bit', () => {
    for (const [size1, size2] of [
      [0, 5],
      [0, 0],
      [1, 1],
      [3, 7],
      [4, 9],
      [8, 16],
      [21, 40],
      [33, 40],
    ] as const) {
      const claim = consistency(size1, size2);
      const mutants = [
        ...spoilt(claim.proof).map((proof) => ({ ...claim, proof })),
        ...flips(claim.root1).map((root1) => ({ ...claim, root1 })),
        // Everything continues the empty tree, whatever it is.
        ...(size1 === 0 && size2 > 0 ? [] : flips(claim.root2).map((root2) => ({ ...claim, root2 }))),
      ];
      expect(mutants.length).toBeGreaterThan(250);
      expect(verifyConsistency(claim)).toBe(true);
      expect(mutants.filter(verifyConsistency)).toEqual([]);
    }
  });

  it('refuses a history that was rewritten, whatever proof is given', () => {
    const rewritten = HASHES.with(3, leafHash('something else'));
    for (let size1 = 4; size1 < 40; size1 += 1) {
      const honest = consistencyProof(HASHES, size1);
      const own = consistencyProof(rewritten, size1);
      const claim = { size1, root1: at(ROOTS, size1), size2: 40, root2: rootOf(rewritten) };
      for (const proof of [honest, own, [], [at(ROOTS, size1), ...own]])
        expect(verifyConsistency({ ...claim, proof })).toBe(false);
    }
  });

  it('refuses trees in the wrong order, and roots that differ at the same size', () => {
    const claim = consistency(5, 9);
    const { size1, root1, size2, root2, proof } = claim;
    expect(verifyConsistency({ size1: size2, root1: root2, size2: size1, root2: root1, proof })).toBe(false);
    expect(verifyConsistency({ ...claim, size2: 5, proof: [] })).toBe(false);
    expect(verifyConsistency({ ...claim, size1: 5, size2: 5, root2: root1, proof: [root1] })).toBe(false);
  });

  it('accepts for the empty tree only its own root, and an empty proof', () => {
    const claim = consistency(0, 9);
    expect(verifyConsistency(claim)).toBe(true);
    expect(verifyConsistency({ ...claim, root1: at(ROOTS, 1) })).toBe(false);
    expect(verifyConsistency({ ...claim, proof: [at(ROOTS, 1)] })).toBe(false);
    const [root1, root2] = [at(ROOTS, 1), at(ROOTS, 1)];
    expect(verifyConsistency({ size1: 0, root1, size2: 0, root2, proof: [] })).toBe(false);
  });

  it('counts to the end of 64 bits, and no further', () => {
    const [root1, right] = [at(ROOTS, 8), at(ROOTS, 9)];
    const claim = { size1: 2n ** 63n, root1, root2: nodeHash(root1, right), proof: [right] };
    expect(verifyConsistency({ ...claim, size2: MAX })).toBe(true);
    expect(verifyConsistency({ ...claim, size2: MAX + 1n })).toBe(false);
    expect(verifyConsistency({ ...claim, size1: 2 ** 63, size2: MAX })).toBe(false);
  });

  it.each(CONSISTENCY_MEMBERS)('says false to whatever stands for its %s', (member) => {
    for (const value of HOSTILE) {
      const claim = { ...consistency(7, 29), [member]: value } as ConsistencyClaim;
      expect(verifyConsistency(claim)).toBe(false);
    }
  });
});

describe('the verifiers', () => {
  it('say false to anything that is no claim', () => {
    for (const value of [...HOSTILE, hostileTwin(inclusion(0, 1)), hostileTwin(consistency(1, 1))]) {
      expect(verifyInclusion(value as InclusionClaim)).toBe(false);
      expect(verifyConsistency(value as ConsistencyClaim)).toBe(false);
    }
  });

  it('say false to anything at all', () => {
    const anything = fc.anything({ withBigInt: true, withTypedArray: true, withSparseArray: true });
    // Behind a function, since the generator itself looks at its values.
    const held = fc.oneof(
      anything.map((value) => (): unknown => value),
      fc.nat(HOSTILE.length - 1).map((index) => (): unknown => HOSTILE[index]),
    );
    fc.assert(
      fc.property(fc.tuple(held, held, held, held, held), (holders) => {
        const [a, b, c, proof, d] = holders.map((holder) => holder());
        expect(verifyInclusion({ leafHash: a, index: b, size: c, proof, root: d } as InclusionClaim)).toBe(
          false,
        );
        expect(verifyConsistency({ root1: a, size1: b, size2: c, proof, root2: d } as ConsistencyClaim)).toBe(
          false,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('say false to claims of the right form that nobody made a tree for', () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const size = fc.bigInt({ min: 2n, max: MAX });
    fc.assert(
      fc.property(hash, hash, size, size, fc.array(hash, { maxLength: 70 }), (one, other, a, b, proof) => {
        expect(verifyInclusion({ leafHash: one, index: a, size: b, proof, root: other })).toBe(false);
        expect(verifyConsistency({ size1: a, root1: one, size2: b, root2: other, proof })).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('look at a hash once, however it changes', () => {
    const claim = inclusion(7, 29);
    const looks: string[] = [];
    const shifty = new Proxy(claim, {
      get: (target, member, receiver): unknown => {
        looks.push(String(member));
        return Reflect.get(target, member, receiver);
      },
    });
    expect(verifyInclusion(shifty)).toBe(true);
    expect(looks.toSorted()).toEqual(['index', 'leafHash', 'proof', 'root', 'size']);
  });

  it('do not look into a proof that is longer than any can be', () => {
    let looks = 0;
    const proof = new Proxy(
      Array.from({ length: 66 }, () => at(ROOTS, 1)),
      {
        get: (target, member, receiver): unknown => {
          looks += member === 'length' ? 0 : 1;
          return Reflect.get(target, member, receiver);
        },
      },
    );
    expect(verifyInclusion({ ...inclusion(7, 29), proof })).toBe(false);
    expect(verifyConsistency({ ...consistency(7, 29), proof })).toBe(false);
    expect(looks).toBe(0);
  });

  it('do not believe bytes about how many they are', () => {
    class Liar extends Uint8Array {
      override get length(): number {
        return 32;
      }
    }
    for (const count of [0, 31, 64]) {
      const liar = new Liar(count);
      expect(verifyInclusion({ leafHash: liar, index: 0, size: 1, proof: [], root: liar })).toBe(false);
      expect(verifyConsistency({ size1: 1, root1: liar, size2: 1, root2: liar, proof: [] })).toBe(false);
    }
  });

  it('take bytes of every kind that is an array of eight bits', () => {
    class Bytes extends Uint8Array {}
    const shared = (hash: Uint8Array): Uint8Array => {
      const copy = new Uint8Array(new SharedArrayBuffer(32));
      copy.set(hash);
      return copy;
    };
    const claim = inclusion(3, 5);
    for (const kind of [
      (hash: Uint8Array) => Bytes.from(hash),
      (hash: Uint8Array) => new Uint8Array(hash),
      shared,
    ]) {
      const same = {
        ...claim,
        leafHash: kind(claim.leafHash),
        proof: claim.proof.map(kind),
        root: kind(claim.root),
      };
      expect(verifyInclusion(same)).toBe(true);
    }
  });
});
