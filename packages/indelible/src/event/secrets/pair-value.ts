import type { PairName } from './pair-name.js';
import { indexOfMatch, type Span } from './spans.js';

/** What may stand between a separator and its value, the rest of `=>`, `==` and `:=` included. */
const SPACE = /[=>]?\s*/y;
const BLANK = /[=>]?[ \t]*/y;
const QUOTE = /\\*["'`]/y;
const SCHEME = /(?:bearer|basic|digest|negotiate|token|aws4-[\w-]{1,32})[ \t]+(?=\S)/iy;
const COOKIE_HEADER = /(?:^|[^A-Za-z])(?:set-?)?cookie$/i;
const END_OF_LINE = /[\r\n]/g;
const END_IN_QUERY = /[&#\s"<>]/g;
/** A comma or semicolon ends a value only where something else begins: passwords hold them too. */
const END_IN_TEXT = /[&\s"<>]|[,;](?=[\s"'{}[\]]|$|[\w.-]{1,64}\s?[=:])/g;
const BRACKET = /["[\]{}]/g;
const CLOSING = `)]}'\`.,;`;

/** The value that belongs to the name whose `=` or `:` stands at `separator`; undefined when it is empty. */
export function findValue(text: string, separator: number, name: PairName): Span | undefined {
  const inQuery = isInQuery(text, separator, name);
  const start = inQuery ? separator + 1 : after(text, name.quoted ? SPACE : BLANK, separator + 1);
  const opened = inQuery && text[start] !== '"' ? start : after(text, QUOTE, start);
  const end = opened > start ? closingQuote(text, opened) : endOfBare(text, start, separator, name, inQuery);
  return end > opened ? { start: opened, end } : undefined;
}

/** Where the sticky `part` ends when it matches at `from`, else `from`. */
function after(text: string, part: RegExp, from: number): number {
  part.lastIndex = from;
  return part.test(text) ? part.lastIndex : from;
}

/** In a query string, or a form that begins the text, only `&` ends a value. */
function isInQuery(text: string, separator: number, name: PairName): boolean {
  if (text[separator] !== '=' || name.quoted || /[\s>]/.test(text[separator + 1] ?? '')) return false;
  return name.start === 0 || text[name.start - 1] === '?' || text[name.start - 1] === '&';
}

/**
 * Where the quote that opened just before `from` closes, or the end of a text that was cut off inside it.
 * Text quoted n times over shows in the backslashes: a closing quote has as many as the opening one,
 * and any pairs of its own value in front of them.
 */
function closingQuote(text: string, from: number): number {
  const quote = text[from - 1] ?? '"';
  const depth = backslashesBefore(text, from - 1, 0);
  for (let at = text.indexOf(quote, from); at !== -1; at = text.indexOf(quote, at + 1)) {
    const backslashes = backslashesBefore(text, at, from);
    if (backslashes % (2 * (depth + 1)) === depth) return at - depth;
  }
  return text.length;
}

function backslashesBefore(text: string, end: number, floor: number): number {
  let start = end;
  while (start > floor && text[start - 1] === '\\') start--;
  return end - start;
}

function endOfBare(text: string, start: number, separator: number, name: PairName, inQuery: boolean): number {
  const first = after(text, SCHEME, start);
  const isHeader =
    text[separator] === ':' && !name.quoted && (first > start || COOKIE_HEADER.test(name.text));
  if (isHeader) return endOfHeader(text, start, name);
  const isGroup = text[first] === '[' || text[first] === '{';
  const floor = isGroup ? closingBracket(text, first) : first;
  if (inQuery) return indexOfMatch(text, END_IN_QUERY, floor);
  if (isGroup && CLOSING.includes(text[floor] ?? ',')) return floor;
  return withoutClosing(text, indexOfMatch(text, END_IN_TEXT, floor), floor, start);
}

/** A header has the rest of its line, unless the whole of it is quoted, as on a command line. */
function endOfHeader(text: string, start: number, name: PairName): number {
  const end = indexOfMatch(text, END_OF_LINE, start);
  const before = text[name.start - 1];
  if (before !== '"' && before !== "'") return end;
  const quote = text.slice(start, end).indexOf(before);
  return quote === -1 ? end : start + quote;
}

/** Just after the bracket that closes the one at `start`, or the end of the text. */
function closingBracket(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at = indexOfMatch(text, BRACKET, at + 1)) {
    if (text[at] === '"') at = closingQuote(text, at + 1);
    else depth += text[at] === '[' || text[at] === '{' ? 1 : -1;
    if (depth === 0) return at + 1;
  }
  return text.length;
}

/** "(password: hunter2)." ends before the bracket. */
function withoutClosing(text: string, end: number, floor: number, empty: number): number {
  let last = end;
  while (last > floor && CLOSING.includes(text[last - 1] ?? '')) last--;
  return last > floor || floor > empty ? last : empty;
}
