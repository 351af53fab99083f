import { BLANK, classAt, MINUS, NEWLINE, RETURN, SLASH, STAR } from './characters.js';

/** Where blanks and comments end; -1 when a comment has no end. */
export function endOfBlanks(text: string, from: number): number {
  let at = from;
  for (;;) {
    while (classAt(text, at) === BLANK) at += 1;
    const code = text.charCodeAt(at);
    if (code === MINUS && text.charCodeAt(at + 1) === MINUS) at = endOfLine(text, at);
    else if (code === SLASH && text.charCodeAt(at + 1) === STAR) at = endOfComment(text, at + 2);
    else return at;
    if (at < 0) return at;
  }
}

/** Block comments nest in PostgreSQL. */
function endOfComment(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === STAR && text.charCodeAt(at + 1) === SLASH) depth -= 1;
    else if (code === SLASH && text.charCodeAt(at + 1) === STAR) depth += 1;
    else continue;
    at += 1;
    if (depth === 0) return at + 1;
  }
  return -1;
}

function endOfLine(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isLineEnd(text, at)) at += 1;
  return at;
}

function isLineEnd(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === NEWLINE || code === RETURN;
}

/** Where the next piece of a string begins that goes on after a line break; -1 when it does not go on. */
export function nextPiece(text: string, from: number): number {
  let at = from;
  let hasLineEnd = false;
  for (;;) {
    if (classAt(text, at) === BLANK) {
      hasLineEnd ||= isLineEnd(text, at);
      at += 1;
    } else if (text.startsWith('--', at)) at = endOfLine(text, at);
    else return hasLineEnd && text.startsWith("'", at) ? at + 1 : -1;
  }
}
