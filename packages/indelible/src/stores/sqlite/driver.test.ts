import { describe, expect, it } from 'vitest';

import { checkDriver } from './driver.js';

describe('the driver of a SQLite trail', () => {
  it('is refused where it would crash, with a version that works', () => {
    const refusal = expect.objectContaining({
      code: 'INVALID_OPTIONS',
      message: expect.stringMatching(
        /better-sqlite3 13\.0\.1 does not run on Node 20\.20\.2: install better-sqlite3@12/,
      ),
    });
    expect(() => checkDriver('13.0.1', '20.20.2')).toThrow(refusal);
  });

  it.each([
    ['12.11.1', '20.20.2'],
    ['12.11.1', '24.0.0'],
    ['13.0.1', '22.1.0'],
  ])('%s may be used on Node %s', (version, node) => {
    expect(() => checkDriver(version, node)).not.toThrow();
  });

  it('is the installed one, on this Node, unless something else is said', () => {
    expect(() => checkDriver()).not.toThrow();
  });
});
