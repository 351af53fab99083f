import { describe, expect, it } from 'vitest';

import { someEntry } from '../../../test/entries.js';
import { fromLine, toLine } from './line.js';

const entry = someEntry({
  core: { target: { type: 'Patient', id: '42' }, process: { id: 'p', n: 7 } },
  payload: { reason: 'tab\tline\nend \u{1f600} "quoted"', nested: { values: [1, null, true] } },
  search: { role: 'dentist', subjects: ['1', '2'] },
});
const line = Buffer.from(toLine(entry));
const withoutEnd = line.subarray(0, -1);

describe('a line of the spool', () => {
  it('gives back the entry it was made of', () => {
    expect(fromLine(withoutEnd)).toEqual(entry);
  });

  it('gives back an entry whose payload was erased', () => {
    const erased = { ...entry, payload: null, salt: null };
    expect(fromLine(Buffer.from(toLine(erased).slice(0, -1)))).toEqual(erased);
  });

  it('is one line, whatever the entry holds', () => {
    expect(line.indexOf('\n')).toBe(line.length - 1);
  });

  it('with any one bit turned is no entry any more', () => {
    const sound = Array.from({ length: withoutEnd.length * 8 }, (_, bit) => {
      const damaged = Buffer.from(withoutEnd);
      damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      return fromLine(damaged);
    }).filter((found) => found !== undefined);
    expect(sound).toEqual([]);
  });

  it('cut anywhere is no entry any more', () => {
    const sound = Array.from({ length: withoutEnd.length }, (_, end) => fromLine(line.subarray(0, end)));
    expect(sound.filter((found) => found !== undefined)).toEqual([]);
  });
});
