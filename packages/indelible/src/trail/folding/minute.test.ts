import { describe, expect, it } from 'vitest';

import { Agreed } from './agreed.js';
import { MinuteCounts } from './minute.js';

describe('counts of a minute', () => {
  it('keep so many keys and no more, whatever comes', () => {
    const counts = new MinuteCounts(10);
    const keys = new Set<string>();
    for (let n = 0; n < 1_000; n += 1) keys.add(counts.add([`a${n}`, `b${n}`, 'rest'], 1).key);
    expect(keys.size).toBe(12);
    expect(counts.add(['a5', 'b5', 'rest'], 1)).toEqual({ key: 'a5', nth: 2 });
    expect(counts.add(['another', 'rest'], 1).key).toBe('rest');
  });
});

describe('what events agree on', () => {
  it('is what all of them say', () => {
    const agreed = new Agreed<string>();
    expect(agreed.value).toBeUndefined();
    for (const text of ['a', 'a']) agreed.see(text, text);
    expect([agreed.value, agreed.differ]).toEqual(['a', false]);
    agreed.see(undefined, undefined);
    expect([agreed.value, agreed.differ]).toEqual([undefined, true]);
    agreed.see('a', 'a');
    expect(agreed.value).toBeUndefined();
  });
});
