import type { TableReference } from '../statement.js';
import type { TokenKind } from './tokens.js';

/** PostgreSQL cuts longer names off, at a whole character. */
const MOST_BYTES = 63;

interface Token {
  readonly text: string;
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
}

/** Tokens, or a cursor over them. */
interface TokenSource extends Token {
  readonly isAtName: boolean;
  isAt(kind: TokenKind): boolean;
  next(): void;
}

/** The name a word or a quoted token stands for: unquoted, folded, and cut as PostgreSQL does. */
export function nameOf({ kind, text, start, end }: Token): string {
  const written = text.slice(start, end);
  if (kind !== 'quoted') return cut(folded(written));
  if (!written.startsWith('"')) return cut(unicodeName(written));
  return cut(written.slice(1, -1).replaceAll('""', '"'));
}

/** Only ASCII: in UTF-8, PostgreSQL leaves other capitals as they are. */
function folded(word: string): string {
  return word.replaceAll(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}

function cut(name: string): string {
  if (name.length * 3 <= MOST_BYTES) return name;
  let kept = '';
  let bytes = 0;
  for (const character of name) {
    bytes += Buffer.byteLength(character);
    if (bytes > MOST_BYTES) return kept;
    kept += character;
  }
  return name;
}

/** U&"d\0061t\+000061", perhaps with UESCAPE '!' after it. */
function unicodeName(written: string): string {
  const close = closingQuote(written);
  const escape = close === written.length - 1 ? '\\' : written.charAt(written.length - 2);
  const body = written.slice(3, close).replaceAll('""', '"');
  let name = '';
  for (let at = 0; at < body.length; at += 1) {
    if (body.charAt(at) !== escape) name += body.charAt(at);
    else if (body.charAt(at + 1) === escape) {
      name += escape;
      at += 1;
    } else {
      const isLong = body.charAt(at + 1) === '+';
      const first = at + (isLong ? 2 : 1);
      const code = Number.parseInt(body.slice(first, first + (isLong ? 6 : 4)), 16);
      name += code <= 0x10ffff ? String.fromCodePoint(code) : '';
      at = first + (isLong ? 5 : 3);
    }
  }
  return name;
}

function closingQuote(written: string): number {
  let at = written.indexOf('"', 3);
  while (written.charAt(at + 1) === '"') at = written.indexOf('"', at + 2);
  return at;
}

/** A table's name with its schema and perhaps its database, from the source's token on. */
export function readTable(source: TokenSource): TableReference | undefined {
  const parts: string[] = [];
  for (;;) {
    if (!source.isAtName) return undefined;
    if (parts.length === 3) return undefined;
    parts.push(nameOf(source));
    source.next();
    if (!source.isAt('.')) break;
    source.next();
  }
  const name = parts.pop();
  return name === undefined ? undefined : { schema: parts.pop(), name };
}
