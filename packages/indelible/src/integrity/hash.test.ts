import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { leafHash, nodeHash, sha256 } from './hash.js';

/** The leaves of the Certificate Transparency reference tests (RFC 6962). */
const LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((digits) => Buffer.from(digits, 'hex'));

/** The roots of the first 1, 2, 3 ... 8 of them. */
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** MTH of RFC 6962, section 2.1, word for word. */
function root(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (leaves.length === 1 && only) return leafHash(only);
  const k = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  return nodeHash(root(leaves.slice(0, k)), root(leaves.slice(k)));
}

describe('the hashes of RFC 6962', () => {
  it('gives an empty leaf its known hash', () => {
    expect(hex(leafHash(''))).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
  });

  it('gives the leaf "L123456" its known hash', () => {
    expect(hex(leafHash('L123456'))).toBe('395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56');
  });

  it('gives the node "N123", "N456" its known hash', () => {
    expect(hex(nodeHash(Buffer.from('N123'), Buffer.from('N456')))).toBe(
      'aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb',
    );
  });

  it.each(ROOTS.map((expected, i) => [i + 1, expected] as const))(
    'gives the reference tree of %i leaves its known root',
    (size, expected) => {
      expect(hex(root(LEAVES.slice(0, size)))).toBe(expected);
    },
  );

  it('tells a leaf from a node over the same bytes', () => {
    const [left, right] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    expect(hex(leafHash(Buffer.concat([left, right])))).not.toBe(hex(nodeHash(left, right)));
  });

  it('hashes a text as its UTF-8 bytes', () => {
    expect(hex(leafHash('é€😀'))).toBe(hex(leafHash(Buffer.from('é€😀'))));
  });

  it('hashes parts one after another', () => {
    const whole = createHash('sha256').update('abc').digest('hex');
    expect(hex(sha256('a', Buffer.from('b'), 'c'))).toBe(whole);
  });
});
