import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { clipText, cutText, mendText } from './text.js';

const unit = fc.string({ unit: 'binary', maxLength: 40 });

describe('mendText', () => {
  it.each([
    ['a\0b', 'a\ufffdb'],
    ['\ud800', '\ufffd'],
    ['x\udc00y', 'x\ufffdy'],
    ['\ude00\ud83d', '\ufffd\ufffd'],
    ['\ud83d\ud83d\ude00', '\ufffd😀'],
    ['😀', '😀'],
    ['\u202e\u200b\r\n\u001b[2J<script>', '\u202e\u200b\r\n\u001b[2J<script>'],
  ])('makes %j %j', (given, mended) => {
    expect(mendText(given)).toBe(mended);
  });
});

describe('cutText', () => {
  it('keeps the beginning, the length in bytes, and the digest of the whole', () => {
    const text = 'é'.repeat(10);
    const digest = createHash('sha256').update(text).digest('hex');
    expect(cutText(text, 6)).toBe(`~t:20:${digest}:ééé`);
  });

  it('never splits a character, and never keeps more than it may', () => {
    fc.assert(
      fc.property(unit, fc.nat(100), (text, limit) => {
        const kept = cutText(text, limit).split(':').slice(3).join(':');
        expect(text.startsWith(kept)).toBe(true);
        expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(limit);
        const [next = 'x'.repeat(limit + 1)] = text.slice(kept.length);
        expect(Buffer.byteLength(kept + next)).toBeGreaterThan(limit);
      }),
    );
  });
});

describe('clipText', () => {
  it('keeps at most so many characters, none of them split', () => {
    expect(clipText('abc', 3)).toBe('abc');
    expect(clipText('abcd', 3)).toBe('abc');
    expect(clipText('ab😀', 3)).toBe('ab');
    expect(clipText('a😀b', 3)).toBe('a😀');
    fc.assert(
      fc.property(unit, fc.integer({ min: 1, max: 50 }), (text, n) => text.startsWith(clipText(text, n))),
    );
    fc.assert(
      fc.property(
        unit,
        fc.integer({ min: 1, max: 50 }),
        (text, n) => !/\p{Surrogate}/u.test(clipText(text, n)),
      ),
    );
  });
});
