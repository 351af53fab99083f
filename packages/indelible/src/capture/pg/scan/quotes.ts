import { nextPiece } from './blanks.js';
import { BACKSLASH, classAt, DIGIT, LETTER, QUOTE } from './characters.js';

/** Where a text in these quotes ends, the quotes in it doubled; -1 when it has no end. `from` is inside. */
export function endOfQuoted(text: string, from: number, quote: string): number {
  let at = text.indexOf(quote, from);
  while (at >= 0 && text.startsWith(quote, at + 1)) at = text.indexOf(quote, at + 2);
  return at < 0 ? -1 : at + 1;
}

/** As `endOfQuoted`, for E'...', whose backslashes also count in pieces that follow on later lines. */
export function endOfEscaped(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH || (code === QUOTE && text.charCodeAt(at + 1) === QUOTE)) at += 1;
    else if (code === QUOTE) {
      const piece = nextPiece(text, at + 1);
      if (piece < 0) return at + 1;
      at = piece - 1;
    }
  }
  return -1;
}

/** Where $tag$...$tag$ ends; -1 when it has no end, undefined when no such text begins at `from`. */
export function endOfDollarQuoted(text: string, from: number): number | undefined {
  let at = from + 1;
  if (classAt(text, at) === LETTER) {
    while (classAt(text, at) === LETTER || classAt(text, at) === DIGIT) at += 1;
  }
  if (!text.startsWith('$', at)) return undefined;
  const tag = text.slice(from, at + 1);
  for (at = text.indexOf('$', at + 1); at >= 0; at = text.indexOf('$', at + 1)) {
    if (text.startsWith(tag, at)) return at + tag.length;
  }
  return -1;
}
