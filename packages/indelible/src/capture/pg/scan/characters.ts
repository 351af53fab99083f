/** How PostgreSQL's lexer sorts characters. Everything beyond ASCII is a letter to it, also a wide blank. */
export const BLANK = 1;
export const LETTER = 2;
export const DIGIT = 3;
export const OPERATOR = 4;

const CLASSES: Uint8Array = new Uint8Array(128);

mark(BLANK, ' \t\n\r\f\v');
mark(LETTER, 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_');
mark(DIGIT, '0123456789');
mark(OPERATOR, '~!@#^&|`?+-*/%<>=');

function mark(characterClass: number, characters: string): void {
  for (const character of characters) CLASSES[character.charCodeAt(0)] = characterClass;
}

/** The class of the character there; 0 for punctuation and past the end. */
export function classAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 128 ? (CLASSES[code] ?? 0) : code >= 128 ? LETTER : 0;
}

export function isWordPart(text: string, at: number): boolean {
  const found = classAt(text, at);
  return found === LETTER || found === DIGIT || text.charCodeAt(at) === DOLLAR;
}

export const NEWLINE = 10;
export const RETURN = 13;
export const QUOTE = 39;
export const DOUBLE_QUOTE = 34;
export const DOLLAR = 36;
export const STAR = 42;
export const PLUS = 43;
export const MINUS = 45;
export const DOT = 46;
export const SLASH = 47;
export const BACKSLASH = 92;
