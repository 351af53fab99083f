import { describe, expect, it } from 'vitest';

import { type Piece, readRoute } from './route-syntax.js';

/** Pieces in short: text as it is, `<p>` a parameter, `<*>` the rest, `(...)` what is optional. */
function short(pieces: readonly Piece[]): string {
  return pieces.map(shortPiece).join('');
}

function shortPiece(piece: Piece): string {
  if (piece.kind === 'text') return piece.text;
  if (piece.kind === 'slash') return '/';
  if (piece.kind === 'optional') return `(${short(piece.pieces)})`;
  return piece.kind === 'rest' ? '<*>' : '<p>';
}

describe('the pattern of a route', () => {
  it.each([
    ['/a/:id', '/a/<p>'],
    ['/a/:"user id"-x', '/a/<p>-x'],
    ['/a/:id?', '/a/(<p>)'],
    ['/a/:id(\\d+)?', '/a/(<p>)'],
    ['/a/:id((?:a|b)+)/c', '/a/<p>/c'],
    ['/a/:id{[0-9]{2}}?', '/a/(<p>)'],
    ['/a/:id{.*}', '/a/<*>'],
    ['/a/:id{-:sub}', '/a/<p>(-<p>)'],
    ['/a/:id{/*rest}', '/a/<p>(/<*>)'],
    ['/a/:id{/:b(\\d+)}?', '/a/<p>((/<p>))'],
    ['/a/:id+', '/a/<*>'],
    ['/a/*', '/a/<*>'],
    ['/a/*splat', '/a/<*>'],
    ['/a/*"the rest"', '/a/<*>'],
    ['/a{/:b{/:c}}', '/a(/<p>(/<p>))'],
    ['/a{/edit}', '/a(/edit)'],
    ['/a/{b}', '/a/<p>'],
    ['/a/::b', '/a/:b'],
    ['/a/\\:b\\{c\\}', '/a/:b{c}'],
    ['/a/[id]', '/a/<p>'],
    ['/a/[[id]]', '/a/(<p>)'],
    ['/a/[...id]', '/a/<*>'],
    ['/a/[[...id]]', '/a/<*>'],
    ['/(group)/a', '/(group)/a'],
    ['/a/$id', '/a/<p>'],
    ['/a/$', '/a/<*>'],
    ['/a$b/c', '/a$b/c'],
    ['/a/($id)', '/a/(<p>)'],
    ['/a/(\\w+)', '/a/<p>'],
    ['/a/([^.]+)', '/a/<*>'],
    ['/a/([^/.]+)', '/a/<p>'],
    ['/a/([\\D]+)', '/a/<*>'],
    ['/a/(x\\/y)', '/a/<*>'],
    ['/a/(\\S+)', '/a/<*>'],
  ])('reads %s as %s', (route, pieces) => {
    expect(short(readRoute(route))).toBe(pieces);
  });

  it.each(['/a/:', '/a/[', '/a/[]', '/a/(', '/a/{', '/a/)', '/a/(b', '/a/{b', `/a/(${'b'.repeat(300)})`])(
    'is text where it is of no known kind, as in %s',
    (route) => {
      expect(short(readRoute(route))).toBe(route);
      expect(readRoute(route).every(({ kind }) => kind === 'text' || kind === 'slash')).toBe(true);
    },
  );

  it('keeps how a parameter was written', () => {
    expect(readRoute('/:id(\\d+)')).toEqual([{ kind: 'slash' }, { kind: 'parameter', source: ':id(\\d+)' }]);
  });

  it('looks for the end of a bounded number of brackets', () => {
    const route = '/(a)'.repeat(32);
    expect(short(readRoute(route))).toBe(route);
    expect(readRoute(route).filter(({ kind }) => kind === 'optional')).toHaveLength(32);
    expect(readRoute(`${route}/(b)`).filter(({ kind }) => kind === 'optional')).toHaveLength(32);
  });
});
