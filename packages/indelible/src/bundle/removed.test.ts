import { describe, expect, it } from 'vitest';

import { sha256 } from '../integrity/hash.js';
import { isCovered, removalIn, vouchesFor } from './removed.js';

const MANIFEST = '{"count":3,"kind":"erase","ranges":"4,7-8","v":1}';
const DIGEST = `sha256:${Buffer.from(sha256(MANIFEST)).toString('base64url')}`;

describe('a removal in a bundle', () => {
  it('covers the leaves that its manifest names, of its kind, and before the event that vouches for it', () => {
    const removal = removalIn(MANIFEST);
    expect(removal).toMatchObject({ kind: 'erase' });
    const vouched = removal ? [{ ...removal, index: 8 }] : [];
    expect([3, 4, 5, 7, 8].filter((index) => isCovered(index, 'erase', vouched))).toEqual([4, 7]);
    expect([3, 4, 5, 7, 8].filter((index) => isCovered(index, 'purge', vouched))).toEqual([]);
  });

  it.each([
    '',
    '[]',
    'null',
    '{"kind":"erase"}',
    '{"kind":"keep","ranges":"1"}',
    '{"kind":"erase","ranges":"2,1"}',
  ])('covers nothing when its manifest is spoilt: %s', (manifest) => {
    expect(removalIn(manifest)).toBeUndefined();
  });

  it.each([
    ['its own event', 'SUBJECT_ERASED', DIGEST, true],
    ['the event of another kind', 'RETENTION_PURGE', DIGEST, false],
    ['the event of another manifest', 'SUBJECT_ERASED', `${DIGEST.slice(0, -1)}!`, false],
    ['an event that says nothing', 'SUBJECT_ERASED', undefined, false],
  ])('is vouched for by %s: %s', (_name, action, manifest, expected) => {
    const [core, payload] = [{ action }, { metadata: { manifest } }].map((part) => JSON.stringify(part));
    expect(vouchesFor(core ?? '', payload ?? '', MANIFEST, 'erase')).toBe(expected);
  });
});
