import { endOfBlanks } from './blanks.js';
import {
  classAt,
  DIGIT,
  DOLLAR,
  DOT,
  DOUBLE_QUOTE,
  isWordPart,
  LETTER,
  MINUS,
  OPERATOR,
  PLUS,
  QUOTE,
  SLASH,
  STAR,
} from './characters.js';
import { endOfDollarQuoted, endOfEscaped, endOfQuoted } from './quotes.js';

/** `broken` is what has no end, such as a string whose last quote is missing: nothing can be read after it. */
export type TokenKind =
  | 'word'
  | 'quoted'
  | 'string'
  | 'number'
  | 'parameter'
  | 'operator'
  | '('
  | ')'
  | '['
  | ']'
  | ','
  | ';'
  | '.'
  | 'other'
  | 'end'
  | 'broken';

const PUNCTUATION: Readonly<Record<string, TokenKind>> = {
  '(': '(',
  ')': ')',
  '[': '[',
  ']': ']',
  ',': ',',
  ';': ';',
  '.': '.',
  '\0': 'broken',
};

const UESCAPE = 'uescape';

/** With one of these in it, an operator may end in a sign. */
const SPECIAL = '~!@#^&|`?%';

/** The tokens of a text one by one, cut as PostgreSQL cuts them with standard_conforming_strings on. */
export class Tokens {
  readonly text: string;
  kind: TokenKind = 'end';
  start = 0;
  end = 0;
  #isPlainWord = false;
  /** Up to here every operator is a single sign: a long row of signs must not be looked through for each. */
  #signsUntil = 0;

  constructor(text: string, from = 0) {
    this.text = text;
    this.end = from;
  }

  /** The word in lower case; empty for a token that can be no keyword. */
  get word(): string {
    return this.#isPlainWord && this.kind === 'word'
      ? this.text.slice(this.start, this.end).toLowerCase()
      : '';
  }

  get isAtName(): boolean {
    return this.kind === 'word' || this.kind === 'quoted';
  }

  /** Whether the token is of this kind. TypeScript would hold a comparison for true beyond the next token. */
  isAt(kind: TokenKind): boolean {
    return this.kind === kind;
  }

  is(operator: '*' | '='): boolean {
    return (
      this.kind === 'operator' && this.end === this.start + 1 && this.text.startsWith(operator, this.start)
    );
  }

  next(): void {
    if (this.kind === 'broken') return;
    const start = endOfBlanks(this.text, this.end);
    this.start = start < 0 ? this.text.length : start;
    if (start < 0) return this.#take('broken', -1);
    if (start >= this.text.length) return this.#take('end', start);
    const found = classAt(this.text, start);
    if (found === LETTER) return this.#word();
    if (found === DIGIT) return this.#take('number', this.#endOfNumber());
    if (found === OPERATOR) return this.#take('operator', this.#endOfOperator());
    return this.#punctuation();
  }

  #take(kind: TokenKind, end: number): void {
    this.kind = end < 0 ? 'broken' : kind;
    this.end = end < 0 ? this.text.length : end;
  }

  #punctuation(): void {
    const { text, start } = this;
    const code = text.charCodeAt(start);
    if (code === QUOTE) return this.#take('string', endOfQuoted(text, start + 1, "'"));
    if (code === DOUBLE_QUOTE) return this.#take('quoted', endOfQuoted(text, start + 1, '"'));
    if (code === DOLLAR) return this.#dollar();
    if (code === DOT && classAt(text, start + 1) === DIGIT) return this.#take('number', this.#endOfNumber());
    const isPair = text.startsWith('::', start) || text.startsWith(':=', start);
    this.#take(PUNCTUATION[text.charAt(start)] ?? 'other', start + (isPair ? 2 : 1));
  }

  #dollar(): void {
    const { text, start } = this;
    let end = start + 1;
    while (classAt(text, end) === DIGIT) end += 1;
    if (end > start + 1) return this.#take('parameter', end);
    const quoted = endOfDollarQuoted(text, start);
    this.#take(quoted === undefined ? 'other' : 'string', quoted ?? end);
  }

  #word(): void {
    const { text, start } = this;
    const prefixed = this.#prefixed();
    if (prefixed) return;
    let end = start;
    let isPlain = true;
    while (isWordPart(text, end)) {
      isPlain &&= text.charCodeAt(end) < 128;
      end += 1;
    }
    this.#isPlainWord = isPlain;
    this.#take('word', end);
  }

  /** E'...', B'...', X'...', U&'...' and U&"...", which begin like a word. */
  #prefixed(): boolean {
    const { text, start } = this;
    const prefix = text.charAt(start).toLowerCase();
    if (text.charCodeAt(start + 1) === QUOTE) {
      if (prefix === 'e') this.#take('string', endOfEscaped(text, start + 2));
      else if (prefix === 'b' || prefix === 'x') this.#take('string', endOfQuoted(text, start + 2, "'"));
      else return false;
      return true;
    }
    if (prefix !== 'u' || text.charAt(start + 1) !== '&') return false;
    const quote = text.charAt(start + 2);
    if (quote === "'") this.#take('string', endOfQuoted(text, start + 3, quote));
    else if (quote === '"') this.#take('quoted', this.#endOfUnicodeName());
    else return false;
    return true;
  }

  /** UESCAPE and its character belong to the name before them. */
  #endOfUnicodeName(): number {
    const end = endOfQuoted(this.text, this.start + 3, '"');
    if (end < 0) return end;
    const word = endOfBlanks(this.text, end);
    if (word < 0 || this.text.slice(word, word + UESCAPE.length).toLowerCase() !== UESCAPE) return end;
    const quote = endOfBlanks(this.text, word + UESCAPE.length);
    return quote >= 0 && this.text.startsWith("'", quote) ? endOfQuoted(this.text, quote + 1, "'") : end;
  }

  #endOfNumber(): number {
    const { text, start } = this;
    if (text.charAt(start) === '0' && 'xXoObB'.includes(text.charAt(start + 1) || ' ')) {
      const end = digitsFrom(text, start + 2, isHexDigit);
      if (end > start + 2) return end;
    }
    let end = digitsFrom(text, start, isDigit);
    if (text.charCodeAt(end) === DOT && text.charCodeAt(end + 1) !== DOT)
      end = digitsFrom(text, end + 1, isDigit);
    if (text.charAt(end).toLowerCase() !== 'e') return end;
    const sign = text.charCodeAt(end + 1);
    const exponent = end + (sign === PLUS || sign === MINUS ? 2 : 1);
    return isDigit(text, exponent) ? digitsFrom(text, exponent, isDigit) : end;
  }

  #endOfOperator(): number {
    const { text, start } = this;
    if (start < this.#signsUntil) return start + 1;
    let special = Infinity;
    let end = start;
    for (; classAt(text, end) === OPERATOR && !isComment(text, end); end += 1) {
      if (special === Infinity && SPECIAL.includes(text.charAt(end))) special = end;
    }
    if (special < end - 1) return end;
    this.#signsUntil = end;
    while (end > start + 1 && isSign(text, end - 1)) end -= 1;
    return end;
  }
}

function digitsFrom(text: string, from: number, isPart: (text: string, at: number) => boolean): number {
  let at = from;
  while (isPart(text, at) || (text.charAt(at) === '_' && isPart(text, at + 1))) at += 1;
  return at;
}

function isDigit(text: string, at: number): boolean {
  return classAt(text, at) === DIGIT;
}

function isHexDigit(text: string, at: number): boolean {
  return isDigit(text, at) || 'abcdefABCDEF'.includes(text.charAt(at) || ' ');
}

function isComment(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  const next = text.charCodeAt(at + 1);
  return (code === MINUS && next === MINUS) || (code === SLASH && next === STAR);
}

function isSign(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === PLUS || code === MINUS;
}
