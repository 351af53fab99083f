import { describe, expect, it } from 'vitest';

import { decoded, formsOf, partsOf } from './route-form.js';
import { readRoute } from './route-syntax.js';

/** What each form of a pattern that fits a path has at a segment. */
function valuesAt(index: number, route: string, path: string): (string | undefined)[] {
  const parts = partsOf(path);
  return formsOf(readRoute(route))
    .filter((form) => form.fits(parts))
    .map((form) => form.valueAt(index, parts));
}

describe('the forms of a pattern', () => {
  it('are all it can be, beginning with the one that leaves out most', () => {
    const forms = formsOf(readRoute('/a{/:b{/c}}/d'));
    expect(forms.map(({ segments }) => segments.length)).toEqual([2, 3, 4]);
  });

  it('are one without a readable parameter, when they would be too many', () => {
    const [form, ...more] = formsOf(readRoute(`/a/:b${'{/c}'.repeat(5)}`));
    expect(more).toEqual([]);
    expect(form?.segments).toEqual([{ kind: 'static', text: 'a' }, { kind: 'opaque' }]);
  });

  it.each([
    ['/a/:b', '/a/1', ['1']],
    ['/a/:b', '/A/1/', ['1']],
    ['/a/:b', '/c/1', []],
    ['/a/:b', '/a', []],
    ['/a/:b', '/a/1/2', []],
    ['/a/:b{/:c}', '/a/1', ['1']],
    ['/a/:b{/:c}', '/a/1/2', ['1']],
    ['/a{/x}/:b', '/a/x', ['x']],
    ['/a/:b/*', '/a/1', ['1']],
    ['/a/:b/*/c', '/a/1/2/3/c', ['1']],
    ['/a/:b/*/c', '/a/1/2/3/d', []],
    ['/a/:b/*/c', '/a/c', []],
    ['/*/:b', '/1', ['1']],
    ['/*/:b/*', '/1/2/3', [undefined]],
    ['/a/v:b', '/a/v1', ['1']],
    ['/a/v:b', '/a/w1', [undefined]],
    ['/a/:b.pdf', '/a/1.PDF', ['1']],
    ['/a/:b.pdf', '/a/1', ['1']],
    ['/a/:b.pdf', '/a/.pdf', ['.pdf']],
    ['/a/:b-:c', '/a/1-2', [undefined]],
    ['/a/:b', '/a/:b', [undefined]],
  ])('of %s have of %s at the second segment %j', (route, path, values) => {
    expect(valuesAt(1, route, path)).toEqual(values);
  });

  it('have what stands behind the rest, counted from the end', () => {
    expect(valuesAt(2, '/a/*/:b/c', '/a/1/2/3/c')).toEqual(['3']);
    expect(valuesAt(0, '/a/:b', '/a/1')).toEqual([undefined]);
  });
});

describe('a path', () => {
  it('has no segments between slashes that nothing is between', () => {
    expect(partsOf('//a//b/')).toEqual(['a', 'b']);
    expect(partsOf('/')).toEqual([]);
  });

  it('is decoded, where it can be', () => {
    expect(decoded('a%2Fb')).toBe('a/b');
    expect(decoded('100%')).toBe('100%');
    expect(decoded('%ff')).toBe('%ff');
  });
});
