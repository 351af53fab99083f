/** A part of a route's pattern, in whichever framework's words it was written. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'slash' }
  /** Something within one segment, and how the pattern writes it. */
  | { readonly kind: 'parameter'; readonly source?: string }
  /** Any number of segments. */
  | { readonly kind: 'rest' }
  | { readonly kind: 'optional'; readonly pieces: readonly Piece[] };

const SLASH: Piece = { kind: 'slash' };
const PARAMETER: Piece = { kind: 'parameter' };
const REST: Piece = { kind: 'rest' };

/** A bracket that is not closed within so much is taken as it stands. */
const LONGEST_BRACKET = 256;
/** No pattern has so many brackets; what else is handed in may. */
const BRACKETS = 32;
const TEXT = /[^\\/:*[({$]+/y;
/** Fastify's names may have double colons in them, where other names end. */
const NAME = /"(?:\\.|[^"\\])*"|[$_\p{L}\p{M}\p{N}\u200c\u200d]+(?:::[\p{L}\p{N}_]*)*/uy;
const MODIFIER = /[?*+]/y;
const SQUARE_REST = /\[\[\.\.\.[^\][/]*\]\]|\[\.\.\.[^\][/]*\]/y;
const SQUARE_OPTIONAL = /\[\[[^\][/]+\]\]/y;
const SQUARE = /\[[^\][/]+\]/y;
const DOLLAR = /\$[\p{L}\p{N}_-]*/uy;

/** Marks that a group of path-to-regexp cannot hold, and a regular expression nearly always does. */
const REGEXP_MARKS = /[[\]()+?!|^$\\]|\*(?![\p{L}_$"])/u;
const CLASS = /\[(\^?)((?:\\.|[^\]\\])*)\]/g;
const CLASS_OF_MUCH = /\\[DSW]|\//;
/** What may match a slash: any character, nearly any, or the slash itself. */
const SPANS = /\.|\\[DSW]|\//;

/**
 * Reads the pattern of a route: Express and path-to-regexp, Fastify, Hono, Koa, the `[id]` of Next, the `$id` of
 * Remix, and `{id}`. Never throws; what is in no known syntax is text.
 */
export function readRoute(route: string): readonly Piece[] {
  return new RouteReader(route).read();
}

class RouteReader {
  readonly #route: string;
  #at = 0;
  #brackets = 0;

  constructor(route: string) {
    this.#route = route;
  }

  read(): readonly Piece[] {
    const pieces: Piece[] = [];
    while (this.#at < this.#route.length) {
      const text = this.#take(TEXT);
      pieces.push(text === undefined ? this.#mark(this.#route.charAt(this.#at)) : { kind: 'text', text });
    }
    return pieces;
  }

  #mark(mark: string): Piece {
    const start = this.#at;
    const piece = this.#special(mark);
    if (piece === PARAMETER) return { kind: 'parameter', source: this.#route.slice(start, this.#at) };
    if (piece !== undefined) return piece;
    this.#at = start + 1;
    return { kind: 'text', text: mark };
  }

  #special(mark: string): Piece | undefined {
    if (mark === '/') return this.#skip(1, SLASH);
    if (mark === '\\') return this.#skip(2, { kind: 'text', text: this.#route.charAt(this.#at + 1) });
    if (mark === ':') return this.#colon();
    if (mark === '*') return this.#star();
    if (mark === '[') return this.#square();
    if (mark === '(') return this.#round();
    if (mark === '{') return this.#curly();
    return this.#dollar();
  }

  /** `:id`, `:id?`, `:id(\\d+)`, `:id{[0-9]+}`; Fastify's `::` is a colon. */
  #colon(): Piece | undefined {
    this.#at += 1;
    if (this.#route[this.#at] === ':') return this.#skip(1, { kind: 'text', text: ':' });
    if (this.#take(NAME) === undefined) return undefined;
    return this.#modified(this.#constraint());
  }

  #constraint(): Piece {
    const round = this.#bracket('(', ')');
    if (round !== undefined) return this.#skip(round.length + 2, matching(round));
    const curly = this.#bracket('{', '}');
    if (curly === undefined || curly.startsWith('/') || !REGEXP_MARKS.test(curly)) return PARAMETER;
    return this.#skip(curly.length + 2, matching(curly));
  }

  #star(): Piece {
    this.#at += 1;
    this.#take(NAME);
    return REST;
  }

  #square(): Piece | undefined {
    if (this.#take(SQUARE_REST) !== undefined) return REST;
    if (this.#take(SQUARE_OPTIONAL) !== undefined) return optional(PARAMETER);
    return this.#take(SQUARE) === undefined ? undefined : PARAMETER;
  }

  /** `(.*)` and `(\\d+)`; Remix has `($id)` and `(text)`, and Next `(group)`, which is in no path. */
  #round(): Piece | undefined {
    const inside = this.#bracket('(', ')');
    if (inside === undefined) return undefined;
    this.#at += inside.length + 2;
    if (/^\$\w+$/.test(inside)) return optional(PARAMETER);
    if (/^[\w-]+$/.test(inside)) return optional({ kind: 'text', text: inside });
    return this.#modified(matching(inside));
  }

  /** `{id}` where a segment begins; else the optional part of path-to-regexp, such as `{/:id}`. */
  #curly(): Piece | undefined {
    const inside = this.#bracket('{', '}');
    if (inside === undefined) return undefined;
    const found = this.#beginsSegment() ? braced(inside) : undefined;
    this.#at += inside.length + 2;
    if (found !== undefined) return found;
    const group: Piece = { kind: 'optional', pieces: readRoute(inside) };
    return this.#modified(group);
  }

  #dollar(): Piece | undefined {
    if (!this.#beginsSegment()) return undefined;
    const name = this.#take(DOLLAR);
    if (name !== '$') return PARAMETER;
    return this.#at === this.#route.length || this.#route[this.#at] === '/' ? REST : undefined;
  }

  #modified(piece: Piece): Piece {
    const modifier = this.#take(MODIFIER);
    if (modifier === undefined) return piece;
    return modifier === '?' ? optional(piece) : REST;
  }

  #beginsSegment(): boolean {
    return this.#at === 0 || this.#route[this.#at - 1] === '/';
  }

  /** What is inside the bracket that opens here; undefined when none does, or none closes it. */
  #bracket(open: string, close: string): string | undefined {
    if (this.#route[this.#at] !== open || this.#brackets === BRACKETS) return undefined;
    this.#brackets += 1;
    const start = this.#at + 1;
    const end = Math.min(this.#route.length, start + LONGEST_BRACKET);
    let depth = 1;
    for (let at = start; at < end; at += 1) {
      const mark = this.#route[at];
      if (mark === '\\') at += 1;
      else if (mark === open) depth += 1;
      else if (mark === close) depth -= 1;
      if (depth === 0) return this.#route.slice(start, at);
    }
    return undefined;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#route)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #skip(characters: number, piece: Piece): Piece {
    this.#at += characters;
    return piece;
  }
}

function optional(piece: Piece): Piece {
  return { kind: 'optional', pieces: [piece] };
}

function braced(inside: string): Piece | undefined {
  if (/^\w[\w-]*$/.test(inside)) return PARAMETER;
  if (/^\w[\w-]*\?$/.test(inside)) return optional(PARAMETER);
  return /^\w[\w-]*\*\d*$/.test(inside) ? REST : undefined;
}

/** What a regular expression matches: one segment or, when a slash may be in it, any number of them. */
function matching(source: string): Piece {
  const outside = source.replaceAll(CLASS, (_, not: string, marks: string) => {
    const hasSlash = CLASS_OF_MUCH.test(marks);
    return hasSlash === (not === '') ? '/' : '';
  });
  return SPANS.test(outside.replaceAll(/\\[^DSW/]/g, '')) ? REST : PARAMETER;
}
