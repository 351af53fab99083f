import type { TokenKind } from './tokens.js';

/** Deeper than PostgreSQL itself goes with its default stack. */
const DEEPEST = 10_000;

/**
 * Where in a WITH clause the next token stands: `body` is everything else, `part` the start of a part, `read`
 * behind a part.
 */
type Place =
  | 'body'
  | 'part'
  | 'first'
  | 'recursive'
  | 'name'
  | 'named'
  | 'as'
  | 'read'
  | 'search'
  | 'searchColumn'
  | 'searchColumns'
  | 'cycleColumn'
  | 'cycleColumns'
  | 'mark'
  | 'marked'
  | 'last';

type Step = (kind: TokenKind, word: string) => Place | undefined;

/** Undefined where the token shows that this is no WITH clause, or that it is over. */
const STEPS: Readonly<Record<Place, Step>> = {
  body: () => undefined,
  part: () => undefined,
  first: (kind, word) => (word === 'recursive' ? 'recursive' : named(kind, 'named')),
  recursive: (kind, word) => (word === 'as' ? 'as' : named(kind, 'named')),
  name: (kind) => named(kind, 'named'),
  named: (_, word) => (word === 'as' ? 'as' : undefined),
  as: (_, word) => (word === 'not' || word === 'materialized' ? 'as' : undefined),
  read: (kind, word) => {
    if (kind === ',') return 'name';
    if (word === 'search') return 'search';
    return word === 'cycle' ? 'cycleColumn' : undefined;
  },
  search: (kind, word) => (word === 'by' ? 'searchColumn' : named(kind, 'search')),
  searchColumn: (kind) => named(kind, 'searchColumns'),
  searchColumns: (kind, word) => (kind === ',' ? 'searchColumn' : word === 'set' ? 'last' : undefined),
  cycleColumn: (kind) => named(kind, 'cycleColumns'),
  cycleColumns: (kind, word) => (kind === ',' ? 'cycleColumn' : word === 'set' ? 'mark' : undefined),
  mark: (kind) => named(kind, 'marked'),
  marked: (_, word) => (word === 'using' ? 'last' : 'marked'),
  last: (kind) => named(kind, 'read'),
};

/** Where the token after the closing parenthesis stands, for an opening one that a WITH clause has there. */
const AFTER: Readonly<Partial<Record<Place, Place>>> = { recursive: 'named', named: 'named', as: 'read' };

const WRITES: ReadonlySet<string> = new Set(['insert', 'update', 'delete', 'merge']);

/** Follows parentheses and the WITH clauses in them, so that a part that writes is seen at any depth. */
export class Nesting {
  #place: Place = 'body';
  readonly #outer: Place[] = [];
  readonly #closers: TokenKind[] = [];
  isBroken = false;

  get depth(): number {
    return this.#closers.length;
  }

  /** True inside a WITH clause of the statement itself. */
  get isInWith(): boolean {
    return this.#place !== 'body';
  }

  /** Answers true for the verb of a part that writes. The word is empty where it can be no keyword. */
  sees(kind: TokenKind, word: string): boolean {
    if (kind === '(' || kind === '[') this.#open(kind);
    else if (kind === ')' || kind === ']') this.#close(kind);
    else if (this.#place !== 'body') return this.#follows(kind, word);
    else if (word === 'with') this.#place = 'first';
    return false;
  }

  #open(kind: '(' | '['): void {
    const place = this.#place;
    const isPart = place === 'as' && kind === '(';
    this.#outer.push(place === 'marked' ? place : ((kind === '(' ? AFTER[place] : undefined) ?? 'body'));
    this.#closers.push(kind === '(' ? ')' : ']');
    this.#place = isPart ? 'part' : 'body';
    this.isBroken ||= this.depth > DEEPEST;
  }

  #close(kind: TokenKind): void {
    this.#place = this.#outer.pop() ?? 'body';
    if (this.#closers.pop() !== kind) this.isBroken = true;
  }

  #follows(kind: TokenKind, word: string): boolean {
    const place = this.#place;
    this.#place = STEPS[place](kind, word) ?? (word === 'with' ? 'first' : 'body');
    if (!WRITES.has(word)) return false;
    return place === 'part' || (place === 'read' && this.depth > 0);
  }
}

function named(kind: TokenKind, place: Place): Place | undefined {
  return kind === 'word' || kind === 'quoted' ? place : undefined;
}
