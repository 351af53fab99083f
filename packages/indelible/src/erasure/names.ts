import type { AuditEvent, Json } from '../event/event.js';
import {
  isUnspaced,
  plain,
  segmentsOf,
  spellings,
  withoutSpaces,
  wordsInOrder,
  wordsOf,
} from './name-words.js';
import { COMMON, PARTICLES, TITLES } from './unnaming-words.js';

const MAIL = /[^\s"'<>(),;:=&?/]+@[^\s"'<>(),;:&?/]*[^\s"'<>(),;:&?/.]/gu;
const IN_MAIL = /[\p{L}\p{N}._%+-]/u;
const NO_DIGIT = /\D/g;
/** Shorter numbers are in too many texts to reach anybody by. */
const LEAST_DIGITS = 7;
/** A typed beginning is telling from so many letters on, */
const LEAST_BEGINNING = 4;
/** and from so much of the word on: then few other names begin so. */
const LEAST_PART = 2 / 3;

/** Who is meant, as far as it says which events speak of that person. */
export interface Known {
  readonly subjectId: string;
  /** The model of the person's own record; a record of any model with the person's id, where it is not given. */
  readonly model?: string | undefined;
  /** Whether an actor of this id is the person, too. */
  readonly includeActor?: boolean | undefined;
}

/** What a person is called and reached by, as far as the trail knows it from the events about them. */
export class Names {
  /** Each names the person by itself. */
  readonly #words = new Set<string>();
  /** Names of words that name nobody alone, such as An Do: only all of them together count. */
  readonly #phrases: (readonly string[])[] = [];
  /** Names in scripts without spaces, whole. */
  readonly #wholes = new Set<string>();
  readonly #mails = new Set<string>();
  readonly #numbers = new Set<string>();

  /** Learns a name, an e-mail address or a number that the application knows. */
  add(text: string): void {
    this.#reach(text, true);
    this.#name(text, new Set());
  }

  /** Learns from an event that is about this person alone: labels, and how the person's own record says to reach them. */
  learn(event: AuditEvent, { subjectId, model, includeActor }: Known): void {
    const { target, actor } = event;
    if (event.subjectLabel !== null && event.subjectId === subjectId) this.add(event.subjectLabel);
    if (includeActor === true && actor.id === subjectId)
      for (const name of [actor.name, actor.username, actor.email]) this.add(name ?? '');
    if (target?.id !== subjectId || (model !== undefined && target.type !== model)) return;
    this.#name(target.label ?? '', new Set(wordsOf(plain(target.type))));
    for (const image of [event.before, event.after]) textsIn(image, (text) => this.#reach(text, false));
  }

  /** True when a text holds one of the names whole. */
  isIn(text: string): boolean {
    return this.#isReachedIn(text) || spellings(decoded(text)).some((one) => this.#isNamedIn(one));
  }

  /** True when somebody who typed this may have looked for the person: by a name, or by the beginning of one. */
  isSoughtBy(text: string): boolean {
    return (
      this.isIn(text) ||
      spellings(decoded(text)).some((one) => wordsOf(one).some((word) => this.#isSought(word)))
    );
  }

  /** Learns what the words of a name are, but not those that are none of it. */
  #name(text: string, others: ReadonlySet<string>): void {
    for (const spelling of spellings(text)) {
      const name = spelling.replaceAll(MAIL, ' ');
      const parts = wordsInOrder(name).filter((word) => !others.has(word) && isPart(word));
      const telling = wordsOf(name).filter((word) => !others.has(word) && isTelling(word));
      for (const word of telling) this.#words.add(word);
      if (telling.every((word) => COMMON.has(word))) this.#learnPhrase(parts);
      if (parts.length === 0 || !parts.every(isUnspaced)) continue;
      for (const whole of [parts.join(''), parts.toReversed().join('')])
        if (isLong(whole)) this.#wholes.add(whole);
    }
  }

  /** Also without its particles, where two words are left: people leave them out. */
  #learnPhrase(parts: readonly string[]): void {
    for (const words of [parts, parts.filter((word) => !PARTICLES.has(word))])
      if (words.length > 1) this.#phrases.push(words.toSorted());
  }

  /** Of the texts of a record only what is plainly an address or a number: a status is no name. */
  #reach(text: string, isWhole: boolean): void {
    const folded = plain(text);
    for (const mail of folded.match(MAIL) ?? []) this.#mails.add(mail);
    const digits = folded.replaceAll(NO_DIGIT, '');
    const isNumber = /^[\d\s+()./-]+$/.test(folded) && !DATE.test(folded);
    if (digits.length >= LEAST_DIGITS && (isWhole || isNumber)) this.#numbers.add(digits);
  }

  #isReachedIn(text: string): boolean {
    const folded = plain(decoded(text));
    const digits = folded.replaceAll(NO_DIGIT, '');
    return (
      [...this.#mails].some((mail) => holdsMail(folded, mail)) ||
      [...this.#numbers].some((number) => digits.includes(number))
    );
  }

  #isNamedIn(text: string): boolean {
    const words = wordsOf(text);
    if (words.some((word) => this.#words.has(word) && !COMMON.has(word))) return true;
    if (words.some((word) => segmentsOf(word).some((one) => isLong(one) && this.#words.has(one))))
      return true;
    const [joined, inOrder] = [withoutSpaces(text), wordsInOrder(text)];
    return (
      [...this.#wholes].some((name) => joined.includes(name)) ||
      this.#phrases.some((phrase) => holdsPhrase(inOrder, phrase))
    );
  }

  #isSought(word: string): boolean {
    if (this.#words.has(word)) return true;
    if (COMMON.has(word) || word.length < LEAST_BEGINNING) return false;
    return [...this.#words].some((name) => name.startsWith(word) && word.length >= name.length * LEAST_PART);
  }
}

/** A day or a moment is not what somebody is reached by. */
const DATE = /^\d{4}-\d{2}-\d{2}/;

/**
 * True when what somebody typed into an event, or what was shown in it, names the person. Who acted and with which
 * program is not looked at: a dentist of the same name is not the patient.
 */
export function isNamedIn(names: Names, event: AuditEvent): boolean {
  const { action, request, metadata, reason, error, target, subjectLabel, before, after } = event;
  const shown: Json[] = [target?.label ?? null, subjectLabel, reason, error, metadata, before, after];
  const asked = [request?.body ?? null, request?.path ?? null];
  const sought = [request?.query ?? null, action === 'SEARCH' ? metadata : null];
  return (
    [...shown, ...asked].some((part) => someText(part, (text) => names.isIn(text))) ||
    sought.some((part) => someText(part, (text) => names.isSoughtBy(text)))
  );
}

function someText(value: Json, is: (text: string) => boolean): boolean {
  let isFound = false;
  textsIn(value, (text) => (isFound ||= is(text)));
  return isFound;
}

function textsIn(value: Json, tell: (text: string) => void): void {
  if (typeof value === 'string') tell(value);
  else if (typeof value === 'object' && value !== null)
    for (const one of Object.values(value)) textsIn(one, tell);
}

/** Whether a word can name somebody alone: one letter cannot, and of scripts without spaces no single character. */
function isTelling(word: string): boolean {
  return isLong(word) && isPart(word) && !PARTICLES.has(word);
}

/** A number is no part of a name, and a title is not the person's own. */
function isPart(word: string): boolean {
  return /\p{L}/u.test(word) && !TITLES.has(word);
}

function isLong(word: string): boolean {
  return [...word].length > 1;
}

/** Another address may end with this one, or begin with it. */
function holdsMail(text: string, mail: string): boolean {
  for (let at = text.indexOf(mail); at >= 0; at = text.indexOf(mail, at + 1)) {
    const [before, after] = [text.slice(0, at).at(-1) ?? '', text.slice(at + mail.length)];
    const goesOn = /^[\p{L}\p{N}-]|^\.[\p{L}\p{N}]/u.test(after);
    if (!goesOn && !IN_MAIL.test(before)) return true;
  }
  return false;
}

/** Whether all these words stand side by side, in whichever order. */
function holdsPhrase(words: readonly string[], sorted: readonly string[]): boolean {
  return words.some((_, at) => {
    const some = words.slice(at, at + sorted.length).toSorted();
    return some.length === sorted.length && some.every((word, n) => word === sorted[n]);
  });
}

function decoded(text: string): string {
  try {
    return text.includes('%') ? decodeURIComponent(text) : text;
  } catch {
    // A per cent sign of its own: it is no address.
    return text;
  }
}
