import { singularOf } from './singular.js';

/** Nobody's model has a longer name. */
const LONGEST = 100;
const LETTER = /\p{L}/u;
/** A UUID, a digest and their like. */
const HEXADECIMAL = /^[\da-f-]{16,}$/i;
const BETWEEN_WORDS = /[^\p{L}\p{M}\p{N}]+|(?<=[\p{Ll}\p{N}])(?=\p{Lu})/u;

export interface ModelName {
  readonly name: string;
  readonly isKnown: boolean;
}

/**
 * The model that a segment of a route means, such as `DentalRecord` for `dental-records`: one that is known under one
 * of the names it may have, else the singular in PascalCase. Undefined for a segment that can be no name.
 */
export function modelNamed(segment: string, knows: (model: string) => boolean): ModelName | undefined {
  if (segment.length > LONGEST || !LETTER.test(segment) || HEXADECIMAL.test(segment)) return undefined;
  const many = segment.split(BETWEEN_WORDS).filter((word) => word !== '');
  const one = [...many.slice(0, -1), singularOf(many.at(-1) ?? '')];
  const names = [pascal(many), pascal(one), segment, snake(many), snake(one), camel(many), camel(one)];
  const known = names.find(knows);
  return { name: known ?? pascal(one), isKnown: known !== undefined };
}

function pascal(words: readonly string[]): string {
  return words.map(capital).join('');
}

/** Models that are named as their tables. */
function snake(words: readonly string[]): string {
  return words.join('_').toLowerCase();
}

function camel([first = '', ...rest]: readonly string[]): string {
  return first.toLowerCase() + pascal(rest);
}

function capital(word: string): string {
  const [first = ''] = word;
  return first.toUpperCase() + word.slice(first.length);
}
