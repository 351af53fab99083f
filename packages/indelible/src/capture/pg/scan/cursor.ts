import type { Span, TableReference } from '../statement.js';
import { nameOf, readTable } from './names.js';
import { Nesting } from './nesting.js';
import { type TokenKind, Tokens } from './tokens.js';

/** More digits than a parameter's number can have. */
const TOO_LONG = 10;

/** Words that begin no clause behind these: IS DISTINCT FROM, WITHIN GROUP. */
const JOINED: ReadonlyMap<string, string> = new Map([
  ['from', 'distinct'],
  ['group', 'within'],
]);

/** Goes once through a text, and knows at each token how deep it stands and whether it can be a keyword. */
export class Cursor {
  readonly text: string;
  readonly #tokens: Tokens;
  #nesting = new Nesting();
  /** The token in lower case where it is a keyword for the grammar; empty for labels and all other tokens. */
  keyword = '';
  /** The word at the cursor in lower case, also where it is a label. */
  word = '';
  /** Where the token before ended. */
  endBefore = 0;
  /** The highest number of a parameter in this statement so far. */
  parameters = 0;
  /** The tables that parts of WITH clauses in this statement write, so far. */
  readonly written: TableReference[] = [];
  /** True where a part of this statement writes, also when its table cannot be seen. */
  hasWritingPart = false;
  /** True when the text cannot be read as PostgreSQL would: a quote or a parenthesis that does not close. */
  isBroken = false;
  /** True when a semicolon stood within parentheses, which only some definitions allow. */
  hasInnerEnd = false;

  constructor(text: string) {
    this.text = text;
    this.#tokens = new Tokens(text);
  }

  get kind(): TokenKind {
    return this.#tokens.kind;
  }

  get start(): number {
    return this.#tokens.start;
  }

  get end(): number {
    return this.#tokens.end;
  }

  get depth(): number {
    return this.#nesting.depth;
  }

  get isInWith(): boolean {
    return this.#nesting.isInWith;
  }

  /** True at the end of the text, at a semicolon outside all parentheses, and where nothing more can be read. */
  get isAtEnd(): boolean {
    const { kind } = this.#tokens;
    return this.isBroken || kind === 'end' || (kind === ';' && this.depth === 0);
  }

  get isAtName(): boolean {
    return this.#tokens.isAtName;
  }

  /** The name at the cursor, whatever keyword it may equal. */
  get name(): string {
    return nameOf(this.#tokens);
  }

  isAt(kind: TokenKind): boolean {
    return this.#tokens.isAt(kind);
  }

  is(operator: '*' | '='): boolean {
    return this.#tokens.is(operator);
  }

  startStatement(): void {
    this.#nesting = new Nesting();
    this.keyword = '';
    this.parameters = 0;
    this.written.length = 0;
    this.hasWritingPart = false;
    this.hasInnerEnd = false;
    this.next();
  }

  next(): void {
    const tokens = this.#tokens;
    const before = this.keyword;
    const isMember = tokens.kind === '.';
    this.endBefore = tokens.end;
    tokens.next();
    this.word = tokens.word;
    const word = isMember ? '' : this.word;
    this.keyword = before === 'as' || JOINED.get(word) === before ? '' : word;
    if (tokens.kind === 'parameter') this.#countParameter();
    else if (this.#nesting.sees(tokens.kind, word)) this.#noteWritingPart();
    if (tokens.kind === ';' && this.depth > 0) this.hasInnerEnd = true;
    this.isBroken ||=
      tokens.kind === 'broken' || this.#nesting.isBroken || (tokens.kind === 'end' && this.depth > 0);
  }

  /** True when the token after this one is the word. */
  isBefore(word: string): boolean {
    const ahead = this.ahead();
    ahead.next();
    ahead.next();
    return ahead.word === word;
  }

  /** Takes the keyword when it is there. */
  takes(keyword: string): boolean {
    if (this.keyword !== keyword) return false;
    this.next();
    return true;
  }

  /** What follows AS is a statement here, not a label. */
  beginStatement(): void {
    this.keyword = this.word;
  }

  /** Goes on to the first of these keywords outside all parentheses, else to the end, and answers what it passed. */
  passTo(stops: ReadonlySet<string>): Span | undefined {
    const { start } = this;
    while (!this.isAtEnd && !(this.depth === 0 && stops.has(this.keyword))) this.next();
    return this.spanFrom(start);
  }

  passToEnd(): Span | undefined {
    const { start } = this;
    while (!this.isAtEnd) this.next();
    return this.spanFrom(start);
  }

  /** From there to the token before; undefined when there is nothing between. */
  spanFrom(start: number): Span | undefined {
    return this.endBefore > start ? { start, end: this.endBefore } : undefined;
  }

  /** Tokens of their own from the current one on, to look ahead without moving. */
  ahead(): Tokens {
    return new Tokens(this.text, this.start);
  }

  #countParameter(): void {
    const digits = this.end - this.start - 1;
    const number = digits < TOO_LONG ? Number(this.text.slice(this.start + 1, this.end)) : Infinity;
    this.parameters = Math.max(this.parameters, number);
    this.isBroken ||= number === Infinity;
  }

  #noteWritingPart(): void {
    this.hasWritingPart = true;
    const table = tableAfterVerb(this.ahead());
    if (table !== undefined) this.written.push(table);
  }
}

const BEFORE_TABLE: ReadonlySet<string> = new Set(['into', 'from', 'only']);

/** The table after INSERT INTO, UPDATE ONLY and so on; the tokens stand before the verb. */
function tableAfterVerb(tokens: Tokens): TableReference | undefined {
  tokens.next();
  do tokens.next();
  while (BEFORE_TABLE.has(tokens.word) || tokens.kind === '(');
  return readTable(tokens);
}
