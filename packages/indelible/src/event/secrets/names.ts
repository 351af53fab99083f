import {
  ABOUT_AT_END,
  ABOUT_AT_START,
  INNOCENT,
  SECRET,
  SECRET_ALONE,
  SECRET_AT_END,
  SECRET_ENDING,
  SECRET_HINT,
} from './words.js';

const LONGEST_PHRASE = 24;
/** Of a longer name only the end counts, where the property stands. */
const LONGEST_NAME = 1024;
const CAMEL = /(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u;
const NUMBERING = /(?<=\D)\d{1,4}$/;

/** One word of a name, and whether its property (`b_c` in `a.b_c[0]`) ends with it. */
interface Word {
  readonly text: string;
  readonly ends: boolean;
}

/** Decides by a field's name whether its value is secret. Slow: callers keep the answers. */
export class SecretNames {
  readonly #named: ReadonlySet<string>;
  readonly #kept: ReadonlySet<string>;
  readonly #namedLetters: readonly string[];
  readonly #longest: number;

  constructor(named: readonly string[], kept: readonly string[]) {
    this.#named = new Set(named.map(joined).filter((name) => name !== ''));
    this.#kept = new Set(kept.map(joined).filter((name) => name !== ''));
    this.#namedLetters = [...this.#named].map(lettersOf);
    this.#longest = Math.max(LONGEST_PHRASE, ...[...this.#named].map((name) => name.length));
  }

  has(name: string): boolean {
    const end = name.slice(-LONGEST_NAME).normalize('NFKC');
    return this.#mayBeSecret(lettersOf(end)) && this.#isSecretName(propertiesOf(end));
  }

  #mayBeSecret(letters: string): boolean {
    return SECRET_HINT.test(letters) || this.#namedLetters.some((named) => letters.includes(named));
  }

  #isSecretName(all: readonly string[][]): boolean {
    if (this.#isListed(all, this.#named)) return true;
    if (this.#kept.has(all.flat().join(''))) return false;
    const properties = all.filter((property) => !this.#kept.has(property.join('')));
    return (
      this.#isSecret(properties) || (all.some(isNumbered) && this.#isSecret(properties.map(withoutNumbering)))
    );
  }

  #isListed(properties: readonly string[][], list: ReadonlySet<string>): boolean {
    return list.has(properties.flat().join('')) || properties.some((property) => list.has(property.join('')));
  }

  #isSecret(properties: readonly string[][]): boolean {
    const last = properties.at(-1);
    if (last === undefined || asksAbout(last)) return false;
    const whole = last.join('');
    // The whole as well as its words: odd capitals, as in `clieNTSEcret`, split words anywhere.
    if (SECRET_ENDING.test(whole) || (last.length === 1 && SECRET_ALONE.has(whole))) return true;
    const words = properties.filter((property) => !asksAbout(property)).flatMap(asWords);
    const end = this.#endOfLastPhrase(words);
    return end !== -1 && (end === words.length - 1 || !ABOUT_AT_END.has(last.at(-1) ?? ''));
  }

  /** The index of the word that ends the last secret phrase, or -1. */
  #endOfLastPhrase(words: readonly Word[]): number {
    let found = -1;
    for (let start = 0; start < words.length;) {
      const innocent = this.#phraseEnd(words, start, (phrase) => INNOCENT.has(phrase));
      if (innocent === -1) {
        const end = this.#phraseEnd(words, start, (phrase, word) => this.#isPhrase(phrase, word));
        found = Math.max(found, end);
      }
      start = Math.max(start, innocent) + 1;
    }
    return found;
  }

  /** Where the longest phrase that begins at `start` and passes ends, or -1. */
  #phraseEnd(words: readonly Word[], start: number, passes: (phrase: string, last: Word) => boolean): number {
    let phrase = '';
    let found = -1;
    for (let at = start; at < words.length; at++) {
      const word = words[at];
      if (word === undefined) break;
      phrase += word.text;
      if (at > start && phrase.length > this.#longest) break;
      if (passes(phrase, word)) found = at;
    }
    return found;
  }

  #isPhrase(phrase: string, last: Word): boolean {
    if (this.#isWord(phrase) || (phrase === last.text && SECRET_ENDING.test(phrase))) return true;
    if (!last.ends) return false;
    if (SECRET_AT_END.has(phrase)) return true;
    if (!phrase.endsWith('s')) return false;
    const singular = phrase.slice(0, -1);
    return this.#isWord(singular) || (phrase === last.text && SECRET_ENDING.test(singular));
  }

  #isWord(phrase: string): boolean {
    return SECRET.has(phrase) || this.#named.has(phrase);
  }
}

function asksAbout(property: readonly string[]): boolean {
  return property.length > 1 && ABOUT_AT_START.has(property[0] ?? '');
}

function asWords(property: readonly string[]): Word[] {
  return property.map((text, at) => ({ text, ends: at === property.length - 1 }));
}

/** `password2` is a password too. */
function withoutNumbering(property: readonly string[]): string[] {
  return property.map((word) => word.replace(NUMBERING, ''));
}

function isNumbered(property: readonly string[]): boolean {
  return property.some((word) => NUMBERING.test(word));
}

/** The name as one lower-case word, so that `x-api-key` and `xApiKey` are the same. */
function joined(name: string): string {
  return propertiesOf(name.normalize('NFKC')).flat().join('');
}

function lettersOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}]+/gu, '');
}

/** `a.userIds[3].client_secret` as `[['a'], ['user', 'ids'], ['client', 'secret']]`. */
function propertiesOf(name: string): string[][] {
  const properties = name.split(/[.[\]]+/);
  return properties.map(wordsOf).filter((property) => property.length > 0);
}

function wordsOf(property: string): string[] {
  const runs = property.split(/[^\p{L}\p{N}]+/u).filter((run) => /\D/.test(run));
  return runs
    .flatMap((run) => (/^[a-z\d]*$/.test(run) ? run : run.split(CAMEL)))
    .map((word) => word.toLowerCase());
}
