import type { Span } from './spans.js';

// Groups as cards print them; not inside a longer word, a UUID, a decimal or an international phone number.
const LOOKS_LIKE =
  /(?<!\w|\w-|\d\.|(?<!\w)\+)(?:\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{1,4}|\d{4}[ -]\d{6}[ -]\d{4,5})(?!\w|-\w|\.\d)/g;
const FIRST_GROUP = 4;

// By issuer and length: Visa, Mastercard, American Express, Diners Club, Discover, JCB, UnionPay, Maestro.
const ISSUED =
  /^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14}|(?:50|5[6-8]|63|67)\d{14})$/;

/** The first card number from `from` on. */
export function nextCardNumber(text: string, from: number): Span | undefined {
  LOOKS_LIKE.lastIndex = from;
  for (let found = LOOKS_LIKE.exec(text); found; found = LOOKS_LIKE.exec(text)) {
    const digits = found[0].replaceAll(/\D/g, '');
    if (ISSUED.test(digits) && isLuhn(digits))
      return { start: found.index, end: found.index + found[0].length };
    // A number in front of a card number may have been taken for its first group.
    LOOKS_LIKE.lastIndex = found.index + FIRST_GROUP;
  }
  return undefined;
}

function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = digits.length - 1, double = false; at >= 0; at--, double = !double) {
    const digit = digits.charCodeAt(at) - 48;
    sum += double ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit;
  }
  return sum % 10 === 0;
}
