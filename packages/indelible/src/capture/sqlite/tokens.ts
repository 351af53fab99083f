/** A piece of a statement's text that means something: a word, a quoted name or text, or a single sign. */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'sign';
  readonly text: string;
  readonly end: number;
}

/** Spaces and comments, then a token; what is opened and not closed goes on to the end, as in SQLite. */
const TOKEN =
  /((?:[ \t\n\f\r]+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?(?:\*\/|$))*)(?:('(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|`(?:[^`]|``)*(?:`|$)|\[[^\]]*(?:\]|$))|([\w$\u0080-\uffff]+)|([\s\S]))?/y;

/** The token after a place in a text, with whether a comment stands before it; undefined at the end. */
export function nextToken(text: string, from: number): Token | undefined {
  TOKEN.lastIndex = from;
  const [, , quoted, word, sign] = TOKEN.exec(text) ?? [];
  const end = TOKEN.lastIndex;
  if (quoted !== undefined) return { kind: 'quoted', text: quoted, end };
  if (word !== undefined) return { kind: 'word', text: word.toUpperCase(), end };
  return sign === undefined ? undefined : { kind: 'sign', text: sign, end };
}

/** A name as it was meant; what a word was before it was made upper case is taken from the text. */
export function nameOf(token: Token, text: string): string {
  if (token.kind !== 'quoted') return text.slice(token.end - token.text.length, token.end);
  const quote = token.text[0] ?? '';
  const inner = token.text.slice(1, -1);
  return quote === '[' ? inner : inner.replaceAll(quote + quote, quote);
}
