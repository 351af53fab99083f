import { describe, expect, it } from 'vitest';

import { keyText } from './key-text.js';

describe('the key of a record as a text', () => {
  it.each([
    [[91], '91'],
    [['0198-ab'], '0198-ab'],
    [[9007199254740993n], '9007199254740993'],
    [[1, 'x'], '[1,"x"]'],
    [[9007199254740993n, null], '["9007199254740993",null]'],
    [[{ size: 16, digest: 'sha256:ab' }], 'sha256:ab'],
    [[{ a: 1 }], '{"a":1}'],
  ])('P9: of %o is %s', (values, text) => {
    expect(keyText(values)).toBe(text);
  });

  it('P9: is none for a record without a key', () => {
    expect([keyText([]), keyText([null]), keyText([undefined])]).toEqual([undefined, undefined, undefined]);
  });
});
