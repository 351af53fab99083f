import { describe, expect, it } from 'vitest';

import { Paths } from './request-options.js';

describe('paths by how they begin', () => {
  const paths = new Paths(['/api/', '/Other']);

  it.each([
    '/api/patients',
    '/api',
    '/api/',
    '/API/patients',
    '/%61pi/x',
    '//api//x',
    '/other/x',
    '/api/%zz',
  ])('P28: has %s, in whichever spelling a router takes it', (path) => {
    expect(paths.has(path)).toBe(true);
  });

  it.each(['/apis', '/', '/x/api/', '/ap%69s', '/%zz/api'])('has not %s', (path) => {
    expect(paths.has(path)).toBe(false);
  });
});
