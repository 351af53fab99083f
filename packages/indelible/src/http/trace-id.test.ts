import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { traceIdOf } from './trace-id.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

describe('traceIdOf', () => {
  it.each([
    `00-${TRACE}-${PARENT}-01`,
    `00-${TRACE}-${PARENT}-ff`,
    `01-${TRACE}-${PARENT}-00`,
    `cc-${TRACE}-${PARENT}-01-what-the-future-will-be-like`,
    `fe-${TRACE}-${PARENT}-01-`,
  ])('finds the trace in %s', (traceparent) => {
    expect(traceIdOf(traceparent)).toBe(TRACE);
  });

  it.each([
    undefined,
    '',
    '-',
    TRACE,
    `00-${'0'.repeat(32)}-${PARENT}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${PARENT}-01`,
    `00-${TRACE}-${PARENT.toUpperCase()}-01`,
    `00-${TRACE}-${PARENT}-0A`,
    `0A-${TRACE}-${PARENT}-01`,
    `ff-${TRACE}-${PARENT}-01`,
    `ff-${TRACE}-${PARENT}-01-more`,
    `00-${TRACE}-${PARENT}-01-more`,
    `00-${TRACE}-${PARENT}-01-`,
    `00-${TRACE}-${PARENT}-01 `,
    ` 00-${TRACE}-${PARENT}-01`,
    `00-${TRACE}-${PARENT}-01\n`,
    `00-${TRACE}-${PARENT}-1`,
    `00-${TRACE}-${PARENT}-011`,
    `00-${TRACE}-${PARENT}`,
    `00-${TRACE.slice(1)}-${PARENT}-01`,
    `00-${TRACE}0-${PARENT}-01`,
    `00-${TRACE}-${PARENT.slice(1)}-01`,
    `00-${TRACE}-${PARENT}0-01`,
    `0-${TRACE}-${PARENT}-01`,
    `000-${TRACE}-${PARENT}-01`,
    `00_${TRACE}_${PARENT}_01`,
    `00-${TRACE.replace('4', 'g')}-${PARENT}-01`,
    `01-${TRACE}-${PARENT}-01.what-the-future-will-be-like`,
    `01-${TRACE}-${PARENT}-01x`,
    `00-${TRACE}-${PARENT}-01, 00-${TRACE}-${PARENT}-01`,
    `01-${TRACE}-${PARENT}-01, 01-${TRACE}-${PARENT}-01`,
    'f'.repeat(1_000_000),
  ])('finds none in %j', (traceparent) => {
    expect(traceIdOf(traceparent)).toBeUndefined();
  });

  it('finds none but 32 digits, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(60), (text, at) => {
        const header = `00-${TRACE}-${PARENT}-01`;
        const id = traceIdOf(header.slice(0, at) + text + header.slice(at + text.length));
        expect(id === undefined || /^[\da-f]{32}$/.test(id)).toBe(true);
        expect(traceIdOf(text)).toBeUndefined();
      }),
    );
  });
});
