import { fold } from '../event/fold.js';

/** What joins two parts of one name: O'Brien, Jean-Luc. */
const JOINS = "'\u2019\u02bc\u2018`\u00b4\u2010\u2011-";
const COMPOUND = new RegExp(`[\\p{L}\\p{N}\\p{M}]+(?:[${JOINS}][\\p{L}\\p{N}\\p{M}]+)*`, 'gu');
const JOIN = new RegExp(`[${JOINS}]`, 'u');

/** Scripts that are written without spaces, or whose words take endings on without one. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u30fc]/u;
const NAME_IN_UNSPACED = new RegExp(`^(?:${UNSPACED.source})[\\p{L}\\p{N}\\p{M}]*$`, 'u');

/** Accents, vowel points and the like; what marks a vowel or a consonant of its own in other scripts stays. */
const ACCENTS =
  /[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]|\u0640/gu;
/** Letters that people write otherwise, and that no form of Unicode takes apart. */
const PLAINLY: Readonly<Record<string, string>> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ı: 'i',
  ħ: 'h',
  ŋ: 'n',
  ى: 'ي',
  ی: 'ي',
  ک: 'ك',
  ة: 'ه',
};
const TO_PLAIN = new RegExp(`[${Object.keys(PLAINLY).join('')}]`, 'gu');
/** How the same letters are written in full where there is no key for them. */
const IN_FULL: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', å: 'aa', ø: 'oe' };
const TO_FULL = /[äöüåø]/gu;

const SEGMENTER = new Intl.Segmenter('ja', { granularity: 'word' });

/** The form in which names are compared: people leave out what stands above and below letters. */
export function plain(text: string): string {
  const apart = fold(text).normalize('NFKD').replaceAll(ACCENTS, '').normalize('NFC');
  return apart.replaceAll(TO_PLAIN, (letter) => PLAINLY[letter] ?? letter);
}

/** The two ways in which a text may be written without accents; one, where they are the same. */
export function spellings(text: string): readonly string[] {
  const inFull = fold(text)
    .normalize('NFC')
    .replaceAll(TO_FULL, (letter) => IN_FULL[letter] ?? letter);
  return [...new Set([plain(text), plain(inFull)])];
}

/** The words of a text in its plain form; of O'Brien and Jean-Luc the parts, and the whole as one. */
export function wordsOf(text: string): string[] {
  return [...text.matchAll(COMPOUND)].flatMap(([compound]) => {
    const parts = compound.split(JOIN);
    return parts.length === 1 ? parts : [...parts, parts.join('')];
  });
}

/** The words of a text one after another, each once. */
export function wordsInOrder(text: string): string[] {
  return [...text.matchAll(COMPOUND)].flatMap(([compound]) => compound.split(JOIN));
}

export function isUnspaced(word: string): boolean {
  return NAME_IN_UNSPACED.test(word);
}

/** What a word without spaces consists of, as far as a dictionary knows; nothing for others. */
export function segmentsOf(word: string): string[] {
  return UNSPACED.test(word) ? [...SEGMENTER.segment(word)].map(({ segment }) => segment) : [];
}

/** A text of such scripts as one: people put a space or a dot between two parts of a name, or none. */
export function withoutSpaces(text: string): string {
  return UNSPACED.test(text) ? text.replaceAll(/[\s\u00b7\u30fb\u2022=\uff1d]+/gu, '') : '';
}
