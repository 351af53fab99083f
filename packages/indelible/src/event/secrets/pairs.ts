import { isSecretPair, nameBefore } from './pair-name.js';
import { findValue } from './pair-value.js';
import { hideSpans, indexOfMatch, type Span } from './spans.js';

const SEPARATOR = /[=:]/g;
const TIME_OF_DAY = /\d\d:\d\d(?!\d)/y;

/** Hides the values of `name=value` and `name: value`, quoted or not, wherever the name is secret. */
export function maskPairs(text: string, isSecret: (name: string) => boolean): string {
  return hideSpans(text, (whole, from) => nextSecretValue(whole, from, isSecret));
}

function nextSecretValue(text: string, from: number, isSecret: (name: string) => boolean): Span | undefined {
  let floor = from;
  for (
    let at = indexOfMatch(text, SEPARATOR, floor);
    at < text.length;
    at = indexOfMatch(text, SEPARATOR, floor)
  ) {
    const name = isPunctuation(text, at) ? undefined : nameBefore(text, at, floor);
    floor = at + 1;
    const value = name && isSecretPair(text, name, isSecret) ? findValue(text, at, name) : undefined;
    if (value) return value;
  }
  return undefined;
}

/** A colon of `10:30`, `https://` or `Type::member` names nothing. */
function isPunctuation(text: string, at: number): boolean {
  if (text[at] === '=') return false;
  TIME_OF_DAY.lastIndex = at - 2;
  return text.startsWith('//', at + 1) || text[at + 1] === ':' || (at >= 2 && TIME_OF_DAY.test(text));
}
