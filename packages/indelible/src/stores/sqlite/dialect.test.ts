import { describe, expect, it } from 'vitest';

import { type TextLookup, textLookup } from '../sql/conditions.js';
import { DIALECT } from './dialect.js';

function lookup(text: string): TextLookup {
  return textLookup(DIALECT, { tenantId: '', where: {}, search: { text, exact: text } });
}

describe('a text in SQLite', () => {
  it.each(['abc', '李雷和', '😀😃😄', 'a*bcd', '100% off', '[1]-[2]', ' a '])(
    '%j is looked up in the trigrams',
    (text) => {
      expect(lookup(text)).toBe('index');
    },
  );

  it.each(['a', 'ab', '李雷', '😀😃', 'a*b', 'ab?cd[ef', '***', '?[*?['])(
    '%j is looked for in the rows, a bounded number at a time',
    (text) => {
      expect(lookup(text)).toBe('rows');
    },
  );

  it('is looked up when one of two can be, and nowhere when there is none', () => {
    const both = { actorText: 'ab' };
    expect(textLookup(DIALECT, { tenantId: '', where: both, search: { text: 'abc', exact: 'abc' } })).toBe(
      'index',
    );
    expect(textLookup(DIALECT, { tenantId: '', where: both })).toBe('rows');
    expect(textLookup(DIALECT, { tenantId: '', where: {} })).toBe('none');
  });
});
