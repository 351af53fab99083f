/** Stands where a secret stood. */
export const REDACTED = '[redacted]';

/** The part of a text from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * The text with every span that `next` finds replaced. `next` is asked again from the end of the span
 * before, so a search that never looks behind its `from` keeps the whole linear.
 */
export function hideSpans(text: string, next: (text: string, from: number) => Span | undefined): string {
  let hidden = '';
  let done = 0;
  for (let span = next(text, 0); span; span = next(text, done)) {
    hidden += text.slice(done, span.start) + REDACTED;
    done = span.end;
  }
  return done === 0 ? text : hidden + text.slice(done);
}

/** Where `end`, a global expression, first matches from `from` on; the length of the text when nowhere. */
export function indexOfMatch(text: string, end: RegExp, from: number): number {
  end.lastIndex = from;
  return end.exec(text)?.index ?? text.length;
}
